//! The HTTP side: one call, and what became of it.

use super::fields::{Fields, parse};
use super::wire::{self, Request};
use crate::{CommandOutcome, GroupCode, RobotCode, RobotCommand, RobotProfile};
use kernel::config::GatewayConfig;
use kernel::error::{Error, Result};
use kernel::http::read;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// The largest answer that is read: a robot's groups are the longest list.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// How often a question is asked before the gateway counts as away.
const QUESTION_TRIES: u32 = 3;

#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    host: String,
    token: SecretString,
    idempotent_sends: bool,
}

/// How far a call got.
#[derive(Debug)]
enum CallOutcome {
    /// No connection: nothing was sent.
    NotSent(String),
    /// Sent, perhaps in part; no answer.
    NoAnswer(String),
    Answer(StatusCode, Vec<u8>),
}

impl Client {
    pub fn new(config: &GatewayConfig) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(config.timeout_seconds))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(Error::internal)?;
        Ok(Client {
            http,
            host: config.host.trim_end_matches('/').to_owned(),
            token: config.token.clone(),
            idempotent_sends: config.idempotent_sends,
        })
    }

    pub async fn execute(&self, id: Uuid, command: &RobotCommand) -> CommandOutcome {
        let request = wire::request(id, command);
        let call = self
            .http
            .post(format!("{}{}", self.host, request.path))
            .json(&request.body);
        classify(self.send(call).await, &request, self.repeatable(command))
    }

    pub fn repeatable(&self, command: &RobotCommand) -> bool {
        self.idempotent_sends || wire::repeatable(command)
    }

    pub async fn robot(&self, robot: &RobotCode) -> Result<RobotProfile> {
        let content = self.ask(&["gbot", "robot", robot.bare()]).await?;
        profile(Fields(&content)).map_err(|error| Error::partner("robot gateway", error))
    }

    pub async fn groups_of(&self, robot: &RobotCode) -> Result<Vec<GroupCode>> {
        let content = self.ask(&["gbot", "robot", robot.bare(), "groups"]).await?;
        let groups = content
            .as_array()
            .ok_or_else(|| Error::partner("robot gateway", "its list of groups is none"))?;
        groups
            .iter()
            .map(|group| match group {
                Value::Object(_) => Fields(group).group("group_id"),
                _ => Fields(&serde_json::json!({ "group_id": group })).group("group_id"),
            })
            .map(|code| code.map_err(|error| Error::partner("robot gateway", error)))
            .collect()
    }

    /// Asks a question: GET, repeated where that may help. The answer's `content`.
    async fn ask(&self, path: &[&str]) -> Result<Value> {
        let mut url = reqwest::Url::parse(&self.host).map_err(Error::internal)?;
        url.path_segments_mut()
            .map_err(|()| Error::internal("gateway.host (ROBOT_HOST) cannot have a path"))?
            .pop_if_empty()
            .extend(path);
        let mut tries = 0;
        loop {
            tries += 1;
            match answered(self.send(self.http.get(url.clone())).await) {
                Err(error) if error.transient && tries < QUESTION_TRIES => {}
                outcome => return outcome,
            }
        }
    }

    async fn send(&self, call: reqwest::RequestBuilder) -> CallOutcome {
        let token = self.token.expose_secret();
        let call = if token.is_empty() {
            call
        } else {
            call.bearer_auth(token)
        };
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() || error.is_builder() => {
                return CallOutcome::NotSent(words(&error));
            }
            Err(error) => return CallOutcome::NoAnswer(words(&error)),
        };
        let status = answer.status();
        match read(answer, LARGEST_ANSWER).await {
            Ok(body) => CallOutcome::Answer(status, body),
            Err(words) => CallOutcome::NoAnswer(words),
        }
    }
}

/// The error and its causes, without the address.
fn words(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out" } else { "failed" }.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Success is the number 100 or the text "100".
fn is_success(answer: &Value) -> bool {
    Fields(answer).text("code").as_deref() == Some("100")
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

fn classify(outcome: CallOutcome, request: &Request, may_repeat: bool) -> CommandOutcome {
    let uncertain = |words: String| {
        if may_repeat {
            CommandOutcome::Retry(words)
        } else {
            CommandOutcome::Unknown(words)
        }
    };
    match outcome {
        CallOutcome::NotSent(words) => CommandOutcome::Retry(words),
        CallOutcome::NoAnswer(words) => uncertain(words),
        CallOutcome::Answer(status, body) if status == StatusCode::TOO_MANY_REQUESTS => {
            CommandOutcome::Retry(format!("HTTP 429: {}", excerpt(&body)))
        }
        CallOutcome::Answer(status, body) if status.is_client_error() => {
            CommandOutcome::Refused(format!("HTTP {}: {}", status.as_u16(), excerpt(&body)))
        }
        CallOutcome::Answer(status, body) if !status.is_success() => {
            uncertain(format!("HTTP {}: {}", status.as_u16(), excerpt(&body)))
        }
        CallOutcome::Answer(_, _) if !request.code_decides => CommandOutcome::Done,
        CallOutcome::Answer(_, body) => match parse(&body) {
            Ok(answer) if is_success(&answer) => CommandOutcome::Done,
            Ok(_) => CommandOutcome::Refused(excerpt(&body)),
            Err(_) => uncertain(format!("the answer is not JSON: {}", excerpt(&body))),
        },
    }
}

/// A robot as the gateway knows it, within the bounds of names and addresses.
fn profile(fields: Fields<'_>) -> Result<RobotProfile> {
    Ok(RobotProfile {
        name: fields.name("nickname").unwrap_or_default(),
        wechat_no: fields.name("wxid").unwrap_or_default(),
        head_url: fields.address("avatar")?.unwrap_or_default(),
        qr_code: fields.address("qrcode")?.unwrap_or_default(),
    })
}

fn answered(outcome: CallOutcome) -> Result<Value> {
    let failed = |words: String| Error::partner("robot gateway", words);
    match outcome {
        CallOutcome::NotSent(words) | CallOutcome::NoAnswer(words) => Err(failed(words)),
        CallOutcome::Answer(StatusCode::NOT_FOUND, _) => Err(Error::not_found("robot")),
        CallOutcome::Answer(status, body) if !status.is_success() => {
            Err(failed(format!("HTTP {}: {}", status.as_u16(), excerpt(&body))))
        }
        CallOutcome::Answer(_, body) => {
            let mut answer = parse(&body).map_err(|error| failed(error.message.into_owned()))?;
            if !is_success(&answer) {
                return Err(Error::not_found("robot"));
            }
            Ok(answer["content"].take())
        }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
