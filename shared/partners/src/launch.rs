//! The delivery system (投放系统): what became of an ad in a group, and which groups take ads.

use kernel::code::Code;
use kernel::config::LaunchConfig;
use kernel::error::{Error, Result};
use kernel::external;
use kernel::http::{Failure, Http};
use kernel::outbox::{Destination, Message};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where it stands in messages to clients.
const NAME: &str = "the delivery system";
/// Characters of its words that are told.
const LONGEST_WORDS: usize = 500;
/// `source` of group pet.
const SOURCE: u8 = 2;

/// A call to the delivery system. All may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum LaunchCall {
    /// What became of a task in one group.
    Result {
        /// The task's id.
        task: String,
        /// The group's code.
        group_code: String,
        /// Whether everything was sent.
        sent: bool,
    },
    /// Which groups take ads.
    Slots {
        /// The groups.
        slots: Vec<DeliverySwitch>,
    },
}

/// One group's delivery switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverySwitch {
    /// The group's code.
    pub group_code: String,
    /// Whether it takes ads.
    pub on: bool,
}

impl LaunchCall {
    /// As an outbox message. Switches of one group keep their order when sent a group each.
    ///
    /// # Errors
    /// Never for these types.
    pub fn into_message(self) -> Result<Message> {
        let (topic, lane) = match &self {
            LaunchCall::Result { task, group_code, .. } => ("result", format!("launch:{task}:{group_code}")),
            LaunchCall::Slots { slots } => {
                let first = slots.first().map_or("", |slot| slot.group_code.as_str());
                ("slots", format!("launch:slot:{first}"))
            }
        };
        Message::new(Destination::Launch, topic, lane, &self)
    }

    fn path(&self) -> &'static str {
        match self {
            LaunchCall::Result { .. } => "/launch-api/launch/updatelaunchresult",
            LaunchCall::Slots { .. } => "/launch-api/launch/syncslotinfo",
        }
    }

    fn body(&self) -> Value {
        match self {
            LaunchCall::Result {
                task,
                group_code,
                sent,
            } => {
                json!({"launchId": task, "groupId": group_code, "state": if *sent { 1 } else { 2 }})
            }
            LaunchCall::Slots { slots } => {
                let data: Vec<Value> = slots
                    .iter()
                    .map(|slot| {
                        let time = if slot.on { -1 } else { 0 };
                        json!({"groupId": slot.group_code, "limits": [{"type": 1, "time": time}]})
                    })
                    .collect();
                json!({"command": "update", "source": SOURCE, "data": data})
            }
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct Launch {
    http: Http,
}

impl Launch {
    /// A client for the configured address.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(config: &LaunchConfig) -> Result<Self> {
        let http = Http::new("launch.host (LAUNCH_HOST)", &config.host, config.timeout_seconds)?;
        Ok(Launch { http })
    }

    /// Makes a call. Success is HTTP 200 with a `resultCode` of 100, as number or text, or with none.
    ///
    /// # Errors
    /// 1101; transient unless the delivery system refused it in so many words.
    pub async fn call(&self, call: &LaunchCall) -> Result<()> {
        let request = self
            .http
            .client()
            .post(self.http.url(call.path()))
            .json(&call.body());
        let answer = self.http.send(request).await.map_err(away)?;
        if answer.status != 200 {
            return Err(Error::partner(NAME, format!("HTTP {}", answer.status)));
        }
        match refusal(&answer.body) {
            None => Ok(()),
            Some(words) => Err(Error {
                source: Some(words.into()),
                ..Error::new(Code::PartnerFailed, format!("{NAME} refused"))
            }),
        }
    }
}

fn away(failure: Failure) -> Error {
    Error::partner(NAME, failure)
}

/// Why an answer with HTTP 200 is a refusal, if it is one.
fn refusal(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = match answer.get("resultCode") {
        None | Some(Value::Null) => return None,
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    (code != "100").then(|| {
        let words = answer
            .get("msg")
            .and_then(Value::as_str)
            .unwrap_or("no reason given");
        external::cut(format!("resultCode {code}: {words}"), LONGEST_WORDS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::http::testing::{answer, partner};

    #[test]
    fn only_100_or_nothing_is_success() {
        for taken in [
            r#"{"resultCode":100}"#,
            r#"{"resultCode":"100"}"#,
            "{}",
            "",
            "ok",
            r#"{"resultCode":null}"#,
        ] {
            assert_eq!(refusal(taken.as_bytes()), None, "{taken}");
        }
        assert_eq!(
            refusal(r#"{"resultCode":"403","msg":"no"}"#.as_bytes()).as_deref(),
            Some("resultCode 403: no")
        );
        assert!(refusal(br#"{"resultCode":1000}"#).is_some());
    }

    fn client(host: String) -> Launch {
        Launch::new(&LaunchConfig {
            host,
            timeout_seconds: 1,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn calls_have_the_documented_form() {
        let ok = || answer(200, "", r#"{"resultCode":100}"#);
        let (base, seen) = partner(vec![Box::new(move |_| ok()), Box::new(move |_| ok())]).await;
        let launch = client(format!("{base}/launch"));
        let result = LaunchCall::Result {
            task: "T-9".into(),
            group_code: "G-100".into(),
            sent: false,
        };
        launch.call(&result).await.unwrap();
        let slots = vec![
            DeliverySwitch {
                group_code: "G-1".into(),
                on: true,
            },
            DeliverySwitch {
                group_code: "G-2".into(),
                on: false,
            },
        ];
        launch.call(&LaunchCall::Slots { slots }).await.unwrap();
        let seen = seen.await.unwrap();
        let body =
            |text: &str| serde_json::from_str::<Value>(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert!(
            seen[0].starts_with("POST /launch/launch-api/launch/updatelaunchresult "),
            "{}",
            seen[0]
        );
        assert_eq!(
            body(&seen[0]),
            json!({"launchId": "T-9", "groupId": "G-100", "state": 2})
        );
        assert!(
            seen[1].starts_with("POST /launch/launch-api/launch/syncslotinfo "),
            "{}",
            seen[1]
        );
        assert_eq!(
            body(&seen[1]),
            json!({"command": "update", "source": 2, "data": [
                {"groupId": "G-1", "limits": [{"type": 1, "time": -1}]},
                {"groupId": "G-2", "limits": [{"type": 1, "time": 0}]}]})
        );
    }

    #[tokio::test]
    async fn a_refusal_is_not_transient_and_a_fault_is() {
        let (base, _seen) = partner(vec![
            Box::new(|_| answer(200, "", r#"{"resultCode":403,"msg":"unknown group"}"#)),
            Box::new(|_| answer(502, "", "")),
        ])
        .await;
        let launch = client(base);
        let call = LaunchCall::Slots { slots: Vec::new() };
        let refused = launch.call(&call).await.unwrap_err();
        assert_eq!((refused.code, refused.transient), (Code::PartnerFailed, false));
        assert!(refused.chain().contains("unknown group"), "{}", refused.chain());
        assert!(launch.call(&call).await.unwrap_err().transient);
    }
}
