//! Everybody who calls the product from outside, as patient as they really are: what was not answered is asked again,
//! with the same key, message id or body.

use super::person::Person;
use super::time::Time;
use crate::client::{Client, Reply, send};
use anyhow::{Context as _, Result, ensure};
use domain::identity::Tokens;
use kernel::id::OperatorId;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use simulators::Control;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long anybody tries.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);
/// Between two tries.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// See the module.
pub struct Crowd {
    pub api: Client,
    pub time: Arc<Time>,
    pub control: Control,
    pub tokens: Tokens,
    pub operator: OperatorId,
    pub partner_secret: String,
    pub seen: Seen,
    pub logins: Mutex<BTreeMap<String, String>>,
}

/// What the crowd has seen.
#[derive(Default)]
pub struct Seen {
    /// Requests under way.
    pub in_flight: AtomicUsize,
    /// Withdrawals asked for and not answered yet.
    pub asking: AtomicUsize,
    /// Keys of withdrawals whose answer was cut off.
    pub cut: Mutex<Vec<String>>,
    /// Requests that had to be made again.
    pub again: AtomicUsize,
    /// Events handed to the gateway.
    pub events: AtomicUsize,
    /// Markers of page accesses that were answered.
    pub pages: Mutex<BTreeSet<String>>,
}

/// Takes a lock; nobody panics with one.
pub fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts one more while it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn in_(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Counted(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Crowd {
    /// Asks until there is an answer that is not "later". `asking` names a withdrawal's key.
    pub(super) async fn insist(
        &self,
        asking: Option<&str>,
        request: impl Fn() -> Result<RequestBuilder>,
    ) -> Result<Reply> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = {
                let _request = Counted::in_(&self.seen.in_flight);
                let _withdrawal = asking.map(|_| Counted::in_(&self.seen.asking));
                send(request()?).await
            };
            let trouble = match answer {
                Ok(reply) if reply.status < 500 && reply.status != 429 => return Ok(reply),
                Ok(reply) => format!("{reply:?}"),
                Err(error) => {
                    let reached = error
                        .downcast_ref::<reqwest::Error>()
                        .is_none_or(|error| !error.is_connect());
                    if let Some(key) = asking.filter(|_| reached) {
                        held(&self.seen.cut).push(key.to_owned());
                    }
                    format!("{error:#}")
                }
            };
            ensure!(Instant::now() < deadline, "still no answer: {trouble}");
            self.seen.again.fetch_add(1, Ordering::SeqCst);
            sleep(PAUSE).await;
        }
    }

    /// The same with a person's token; they log in where they must.
    pub(super) async fn insist_as(
        &self,
        person: &Person,
        asking: Option<&str>,
        request: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Reply> {
        loop {
            let token = self.login(person).await?;
            let caller = self.api.with_token(&token);
            let reply = self.insist(asking, || Ok(request(&caller))).await?;
            if reply.status != 401 {
                return Ok(reply);
            }
            held(&self.logins).remove(&person.name);
        }
    }

    async fn login(&self, person: &Person) -> Result<String> {
        if let Some(token) = held(&self.logins).get(&person.name) {
            return Ok(token.clone());
        }
        let (union_id, open_id) = person.wechat();
        let body = json!({"code": format!("sim:{union_id}:{open_id}")});
        // Everybody has an address of their own: it is by that that logins are limited.
        let last: Vec<String> = person
            .name
            .bytes()
            .rev()
            .take(3)
            .map(|byte| byte.to_string())
            .collect();
        let address = format!("10.{}", last.join("."));
        let login = || {
            let request = self.api.request(Method::POST, "/api/h5/auth/wechat");
            Ok(request.header("x-forwarded-for", &address).json(&body))
        };
        let reply = self.insist(None, login).await?;
        let token = reply.data()["token"]
            .as_str()
            .with_context(|| format!("{reply:?}"))?;
        held(&self.logins).insert(person.name.clone(), token.to_owned());
        Ok(token.to_owned())
    }
}
