//! What those outside do, each act to its end.

use super::crowd::{Crowd, PATIENCE, PAUSE, held};
use super::person::Person;
use super::plan::{Act, SCARCE};
use crate::client::{Client, Reply, signed};
use anyhow::{Context as _, Result, bail, ensure};
use domain::identity::Role;
use kernel::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use simulators::gateway::Event;
use std::sync::atomic::Ordering;
use tokio::time::{Instant, sleep};

impl Crowd {
    /// Does it, for as long as it takes.
    ///
    /// # Errors
    /// When nobody answers in time, or the answer is wrong.
    pub async fn act(&self, act: Act) -> Result<()> {
        let what = format!("{act:.60?}");
        let done = match act {
            Act::Arrive(person, pulls) => self.arrive(&person, pulls).await,
            Act::Phone(person) => self.bind_phone(&person).await,
            Act::Visit(person) => self.adopt(&person, Some(SCARCE.1)).await,
            Act::Events(events) => self.publish(&events).await,
            Act::Stars(body) => self.callback("/groups/star", &body).await,
            Act::Ads(body) => self.callback("/settlement", &body).await,
            Act::Withdraw {
                person,
                amount,
                key,
                approve,
            } => self.withdraw(&person, amount, &key, approve).await,
            Act::Page(person, marker) => self.look(&person, marker).await,
        };
        done.context(what)
    }

    async fn adopt(&self, person: &Person, channel: Option<&str>) -> Result<()> {
        let master = match &person.master {
            Some(name) => {
                let master = Person {
                    name: name.clone(),
                    ..person.clone()
                };
                let me = self.insist_as(&master, None, |caller| caller.request(Method::GET, "/api/h5/me"));
                me.await?.data()["id"].clone()
            }
            None => Value::Null,
        };
        let (union_id, open_id) = person.wechat();
        let visit =
            json!({"union_id": union_id, "open_id": open_id, "sharing_user_id": master, "channel": channel});
        let adopt = |caller: &Client| caller.request(Method::POST, "/robot/distribution").json(&visit);
        expect(&self.insist_as(person, None, adopt).await?, &[1200])
    }

    async fn arrive(&self, person: &Person, pulls: Vec<Event>) -> Result<()> {
        self.adopt(person, None).await?;
        let body = json!({"robot_id": person.robot, "user_id": person.chat_code(), "nickname": person.name});
        let added = Event {
            message_id: format!("campaign-added-{}", person.name),
            ..Event::new("robot_added", body)
        };
        self.publish(&[added]).await?;
        let link = json!({ "link_token": self.link_of(&person.chat_code()).await? });
        let join = |caller: &Client| caller.request(Method::POST, "/api/h5/me/complete").json(&link);
        // 2200: complete already, when the first answer got lost.
        expect(&self.insist_as(person, None, join).await?, &[1200, 2200])?;
        self.publish(&pulls).await
    }

    /// The token in the link of the welcome that a robot sends.
    async fn link_of(&self, chat_code: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let sent = self.control.gateway().await?.sent.into_iter();
            let theirs = sent.filter(|message| message.user_id.as_deref() == Some(chat_code));
            let texts: Vec<String> = theirs.map(|message| message.message.to_string()).collect();
            if let Some(after) = texts.iter().find_map(|text| text.split("link_token=").nth(1)) {
                let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
                return Ok(after[..end.unwrap_or(after.len())].to_owned());
            }
            ensure!(Instant::now() < deadline, "no welcome for {chat_code}");
            sleep(PAUSE).await;
        }
    }

    async fn bind_phone(&self, person: &Person) -> Result<()> {
        let number: usize = person.name.trim_start_matches('p').parse()?;
        let phone = format!("138{number:08}");
        let body = json!({ "phone": phone });
        let ask = || {
            Ok(self
                .api
                .request(Method::POST, "/api/h5/auth/sms-code")
                .json(&body))
        };
        expect(&self.insist(None, ask).await?, &[1200])?;
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            match self.control.sms_code(&phone).await {
                Ok(code) => break code,
                Err(error) => ensure!(Instant::now() < deadline, "{error:#}"),
            }
            sleep(PAUSE).await;
        };
        let body = json!({"phone": phone, "code": code});
        let bind = |caller: &Client| caller.request(Method::PUT, "/api/h5/me/phone").json(&body);
        expect(&self.insist_as(person, None, bind).await?, &[1200])
    }

    /// The gateway keeps what the broker has not confirmed and publishes it again. When that takes too long it is told
    /// once more, under the same message ids.
    async fn publish(&self, events: &[Event]) -> Result<()> {
        self.seen.events.fetch_add(events.len(), Ordering::SeqCst);
        for _ in 0..5 {
            if self.control.inject(events).await?.confirmed {
                return Ok(());
            }
        }
        bail!("the broker confirms nothing")
    }

    /// A partner's callback, signed anew each time: a nonce is good once.
    async fn callback(&self, path: &str, body: &Value) -> Result<()> {
        let body = body.to_string();
        let request = || {
            let now = self.time.at_api();
            Ok(signed(&self.api, &self.partner_secret, now, path, body.clone()))
        };
        loop {
            let reply = self.insist(None, request).await?;
            match (reply.status, reply.body["resultCode"].as_i64()) {
                (200, Some(100) | None) | (409, None) => return Ok(()),
                // Signed by the clock of an api that was replaced on the way.
                (401, _) => sleep(PAUSE).await,
                _ => bail!("{path}: {reply:?}"),
            }
        }
    }

    async fn look(&self, person: &Person, marker: String) -> Result<()> {
        let query = [("_a1", person.wechat().0), ("marker", marker.clone())];
        let look = || Ok(self.api.request(Method::GET, "/page/access").query(&query));
        expect(&self.insist(None, look).await?, &[1200])?;
        held(&self.seen.pages).insert(marker);
        Ok(())
    }

    async fn withdraw(&self, person: &Person, amount: &str, key: &str, approve: bool) -> Result<()> {
        let body = json!({ "amount": amount });
        let ask = |caller: &Client| {
            let request = caller.request(Method::POST, "/api/h5/withdrawals");
            request.header("idempotency-key", key).json(&body)
        };
        let first = self.insist_as(person, Some(key), ask).await?;
        // 3002: not enough money.
        expect(&first, &[1200, 3002])?;
        if first.code() == 3002 {
            return Ok(());
        }
        let second = self.insist_as(person, Some(key), ask).await?;
        ensure!(
            first.body == second.body,
            "the same key got {first:?} and then {second:?}"
        );
        self.decide(&first.data()["id"], approve).await
    }

    async fn decide(&self, id: &Value, approve: bool) -> Result<()> {
        let decision = if approve { "approve" } else { "reject" };
        let body = json!({"ids": [id], "decision": decision, "reason": "because"});
        let request = || {
            let clock = Clock::fixed(self.time.at_api());
            let issued = self.tokens.for_operator(self.operator, Role::Admin, &clock)?;
            let path = "/api/console/withdrawals/review";
            Ok(self
                .api
                .with_token(&issued.token)
                .request(Method::POST, path)
                .json(&body))
        };
        loop {
            let reply = self.insist(None, request).await?;
            match (reply.status, reply.data()[0]["code"].as_i64()) {
                // 1409: decided before, when the first answer got lost.
                (200, Some(1200 | 1409)) => return Ok(()),
                (401, _) => sleep(PAUSE).await,
                _ => bail!("review: {reply:?}"),
            }
        }
    }
}

fn expect(reply: &Reply, codes: &[i64]) -> Result<()> {
    ensure!(codes.contains(&reply.code()), "{reply:?}");
    Ok(())
}
