//! A client of the control API, for tests and tools.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::control::model::{
    BillChange, Callback, CallbackAnswer, GatewayBooks, Health, Injected, Injection, Payouts, SmsBox,
};
use crate::gateway::{Emitted, Event, Group, Robot};
use crate::launch::LaunchBooks;
use crate::received::Received;
use crate::script::{Action, Partner, Rule};
use crate::wxpay::Bill;

/// Talks to a simulator. Every method fails when the simulator is away or answers with an error.
#[derive(Clone)]
pub struct Control {
    base: String,
    http: Client,
}

impl Control {
    /// A client for the simulator at `url` (`GPET_SIM_URL`).
    pub fn new(url: &str) -> Self {
        Self {
            base: format!("{}/control", url.trim_end_matches('/')),
            http: Client::new(),
        }
    }

    /// Whether it runs and reaches its broker.
    pub async fn health(&self) -> Result<Health> {
        self.get("/health").await
    }

    /// Publishes events in this order.
    pub async fn inject(&self, events: &[Event]) -> Result<Injected> {
        self.inject_as(&Injection {
            events: events.to_vec(),
            ..Default::default()
        })
        .await
    }

    /// Publishes events twice or shuffled.
    pub async fn inject_as(&self, injection: &Injection) -> Result<Injected> {
        answer(self.http.post(self.at("/events")).json(injection)).await
    }

    /// Publishes bytes that need not be an event.
    pub async fn inject_raw(
        &self,
        queue: &str,
        message_id: Option<&str>,
        payload: Vec<u8>,
    ) -> Result<Injected> {
        let mut options = vec![("queue", queue)];
        options.extend(message_id.map(|id| ("message_id", id)));
        answer(
            self.http
                .post(self.at("/events/raw"))
                .query(&options)
                .body(payload),
        )
        .await
    }

    /// Publishes what a script holds back; answers how many events that were.
    pub async fn release(&self) -> Result<usize> {
        answer(self.http.post(self.at("/events/release"))).await
    }

    /// Events that went out after the first `since`.
    pub async fn events(&self, since: usize) -> Result<Vec<Emitted>> {
        self.get(&format!("/events?since={since}")).await
    }

    /// Adds rules to the script; answers all rules in force.
    pub async fn script(&self, rules: &[Rule]) -> Result<Vec<Rule>> {
        answer(self.http.post(self.at("/script")).json(rules)).await
    }

    /// The next call to `endpoint` of `partner` meets `action`.
    pub async fn next(&self, partner: Partner, endpoint: &str, action: Action) -> Result<()> {
        self.script(&[Rule::next(partner, endpoint, action)])
            .await
            .map(|_| ())
    }

    /// The rules in force.
    pub async fn rules(&self) -> Result<Vec<Rule>> {
        self.get("/script").await
    }

    /// Takes all rules away.
    pub async fn clear_script(&self) -> Result<()> {
        done(self.http.delete(self.at("/script"))).await
    }

    /// What a partner received at an endpoint, oldest first.
    pub async fn received(&self, partner: Partner, endpoint: &str) -> Result<Vec<Received>> {
        let partner = json!(partner);
        let name = partner.as_str().unwrap_or_default();
        self.get(&format!("/received?partner={name}&endpoint={endpoint}"))
            .await
    }

    /// What all partners received after call number `since`.
    pub async fn received_since(&self, since: u64) -> Result<Vec<Received>> {
        self.get(&format!("/received?since={since}")).await
    }

    /// The gateway's books.
    pub async fn gateway(&self) -> Result<GatewayBooks> {
        self.get("/gateway").await
    }

    /// Sets groups of the gateway.
    pub async fn set_groups(&self, groups: &[Group]) -> Result<()> {
        done(self.http.post(self.at("/gateway/groups")).json(groups)).await
    }

    /// Sets robots of the gateway.
    pub async fn set_robots(&self, robots: &[Robot]) -> Result<()> {
        done(self.http.post(self.at("/gateway/robots")).json(robots)).await
    }

    /// Short messages to a phone.
    pub async fn sms(&self, phone: &str) -> Result<SmsBox> {
        self.get(&format!("/sms?phone={phone}")).await
    }

    /// The newest code sent to a phone.
    pub async fn sms_code(&self, phone: &str) -> Result<String> {
        self.sms(phone)
            .await?
            .code
            .with_context(|| format!("no code was sent to {phone}"))
    }

    /// The delivery system's books.
    pub async fn launch(&self) -> Result<LaunchBooks> {
        self.get("/launch").await
    }

    /// WeChat Pay's books.
    pub async fn payouts(&self) -> Result<Payouts> {
        self.get("/payouts").await
    }

    /// The user taps on a bill that waits for it.
    pub async fn confirm(&self, out_bill_no: &str) -> Result<Bill> {
        answer(
            self.http
                .post(self.at("/wxpay/confirm"))
                .json(&json!({"out_bill_no": out_bill_no})),
        )
        .await
    }

    /// Moves a bill that has not ended.
    pub async fn set_bill(&self, change: &BillChange) -> Result<Bill> {
        answer(self.http.post(self.at("/wxpay/state")).json(change)).await
    }

    /// Calls the product in a partner's name, signed.
    pub async fn callback(&self, path: &str, body: Value) -> Result<CallbackAnswer> {
        let wish = Callback {
            method: "POST".into(),
            path: path.into(),
            body,
        };
        answer(self.http.post(self.at("/callback")).json(&wish)).await
    }

    /// Forgets everything.
    pub async fn reset(&self) -> Result<()> {
        done(self.http.post(self.at("/reset"))).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        answer(self.http.get(self.at(path))).await
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let text = text(request).await?;
    serde_json::from_str(&text).with_context(|| format!("the simulator answered {text}"))
}

async fn done(request: RequestBuilder) -> Result<()> {
    text(request).await.map(|_| ())
}

async fn text(request: RequestBuilder) -> Result<String> {
    let response = request.send().await.context("the simulator does not answer")?;
    let (status, url) = (response.status(), response.url().clone());
    let text = response.text().await?;
    ensure!(
        status.is_success(),
        "the simulator answered {status} to {url}: {text}"
    );
    Ok(text)
}
