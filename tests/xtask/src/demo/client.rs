//! What the demo world is made with: the product over HTTP, and the simulator's control API.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::people::Person;
use crate::environment::Environment;

/// How long the product may take to do what an event asks for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Talks to both.
pub(super) struct Client {
    http: reqwest::Client,
    api: String,
    simulators: String,
    user: String,
    password: String,
}

/// Today in Shanghai.
#[allow(
    clippy::disallowed_methods,
    reason = "a tool on the outside, like a person with a calendar"
)]
pub(super) fn today() -> String {
    (chrono::Utc::now() + chrono::TimeDelta::hours(8))
        .format("%Y-%m-%d")
        .to_string()
}

impl Client {
    pub fn new(environment: &Environment) -> Result<Self> {
        let get = |name| environment.get(name).to_owned();
        Ok(Self {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .no_proxy()
                .build()?,
            api: get("GPET_API_URL"),
            simulators: get("GPET_SIM_URL"),
            user: get("GPET_CONSOLE_USER"),
            password: get("GPET_CONSOLE_PASSWORD"),
        })
    }

    pub fn today(&self) -> String {
        today()
    }

    /// A POST to the product; `data` of the answer.
    pub async fn post(&self, token: Option<&str>, path: &str, body: Value) -> Result<Value> {
        let mut request = self.http.post(format!("{}{path}", self.api)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        self.data(path, request).await
    }

    /// The same where a second time is fine too.
    pub async fn accept_repetition(&self, token: &str, path: &str, body: Value) -> Result<()> {
        match self.post(Some(token), path, body).await {
            Err(error) if !error.to_string().contains("1409") => Err(error),
            _ => Ok(()),
        }
    }

    async fn get(&self, token: &str, path: &str) -> Result<Value> {
        self.data(
            path,
            self.http.get(format!("{}{path}", self.api)).bearer_auth(token),
        )
        .await
    }

    async fn data(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer: Value = request
            .send()
            .await?
            .json()
            .await
            .with_context(|| format!("{path} answers no JSON"))?;
        match answer["code"].as_i64() {
            Some(1200 | 2200) => Ok(answer["data"].clone()),
            _ => bail!("{path}: {answer}"),
        }
    }

    /// An operator's token.
    pub async fn operator(&self) -> Result<String> {
        let login = json!({ "username": self.user, "password": self.password });
        token(self.post(None, "/api/console/auth/login", login).await?)
    }

    /// A person's token by way of WeChat.
    pub async fn wechat(&self, person: &Person) -> Result<String> {
        let code = format!("sim:{}:{}", person.union_id(), person.open_id());
        token(
            self.post(None, "/api/h5/auth/wechat", json!({ "code": code }))
                .await?,
        )
    }

    /// Who a token stands for.
    pub async fn me(&self, token: &str) -> Result<Value> {
        self.get(token, "/api/h5/me").await
    }

    /// An event from the robot gateway.
    pub async fn event(&self, command: &str, body: Value) -> Result<()> {
        let events = json!([{ "command": command, "body": body }]);
        let sent = self
            .http
            .post(format!("{}/control/events", self.simulators))
            .json(&events)
            .send()
            .await?;
        sent.error_for_status().context("the simulated gateway")?;
        Ok(())
    }

    /// A partner's signed call to the product.
    pub async fn callback(&self, path: &str, body: Value) -> Result<()> {
        let call = json!({ "path": path, "body": body });
        let sent = self
            .http
            .post(format!("{}/control/callback", self.simulators))
            .json(&call)
            .send()
            .await?;
        let answer: Value = sent.error_for_status()?.json().await?;
        // 409: a world that was begun before has this already.
        match answer["status"].as_u64() {
            Some(200 | 409) => Ok(()),
            _ => bail!("{path}: {answer}"),
        }
    }

    /// The token in the link that the robot's welcome carried.
    pub async fn link_token_of(&self, user_code: &str) -> Result<String> {
        self.until(&format!("a welcome for {user_code}"), async || {
            let books: Value = self.control("/control/gateway").await?;
            let texts = books["sent"].as_array().into_iter().flatten();
            let theirs = texts
                .filter(|message| message.to_string().contains(user_code))
                .map(Value::to_string);
            Ok(theirs.filter_map(|text| link_token(&text)).next_back())
        })
        .await
    }

    /// Waits until a person has so many groups.
    pub async fn wait_for_groups(&self, person: &Person, count: usize) -> Result<()> {
        let token = self.wechat(person).await?;
        self.until(&format!("{count} groups of {}", person.name), async || {
            let waiting = self.get(&token, "/api/h5/groups?status=0&page_size=100").await?;
            let active = self.get(&token, "/api/h5/groups?status=1&page_size=100").await?;
            let len = |list: &Value| list.as_array().map_or(0, Vec::len);
            Ok((len(&waiting) + len(&active) >= count).then_some(()))
        })
        .await
    }

    /// Binds a phone with the code the SMS provider got.
    pub async fn bind_phone(&self, token: &str, phone: &str) -> Result<()> {
        if !self.me(token).await?["phone"].is_null() {
            return Ok(());
        }
        self.post(None, "/api/h5/auth/sms-code", json!({ "phone": phone }))
            .await?;
        let sms = self.control(&format!("/control/sms?phone={phone}")).await?;
        let body = json!({ "phone": phone, "code": sms["code"] });
        let request = self
            .http
            .put(format!("{}/api/h5/me/phone", self.api))
            .bearer_auth(token)
            .json(&body);
        self.data("/api/h5/me/phone", request).await?;
        Ok(())
    }

    /// Requests a withdrawal, once however often it is called.
    pub async fn withdraw(&self, token: &str, amount: &str) -> Result<Value> {
        let path = "/api/h5/withdrawals";
        let request = self
            .http
            .post(format!("{}{path}", self.api))
            .bearer_auth(token)
            .json(&json!({ "amount": amount }));
        Ok(self
            .data(path, request.header("Idempotency-Key", "demo-world"))
            .await?["id"]
            .clone())
    }

    async fn control(&self, path: &str) -> Result<Value> {
        Ok(self
            .http
            .get(format!("{}{path}", self.simulators))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("waited {} s for {what}", PATIENCE.as_secs())
    }
}

fn token(login: Value) -> Result<String> {
    login["token"]
        .as_str()
        .map(str::to_owned)
        .context("a login without a token")
}

fn link_token(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("link_token=")?;
    Some(
        rest.chars()
            .take_while(|&character| character.is_ascii_alphanumeric() || ".-_".contains(character))
            .collect(),
    )
}
