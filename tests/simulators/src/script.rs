//! Scripts: what a partner does with the next calls instead of behaving well.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A partner that the simulator plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partner {
    /// The robot gateway.
    Gateway,
    /// The delivery system.
    Launch,
    /// WeChat Pay.
    Wxpay,
    /// WeChat's OAuth and JS tickets.
    Wechat,
    /// The SMS service.
    Sms,
}

/// One rule: the next `times` matching calls get `action`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Whose calls.
    pub partner: Partner,
    /// Which endpoint by name (see the README), `*` for every one.
    #[serde(default = "any")]
    pub endpoint: String,
    /// How many calls; -1 means until cleared.
    #[serde(default = "once")]
    pub times: i64,
    /// Only calls whose path, query or body contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// What happens to them.
    pub action: Action,
}

fn any() -> String {
    "*".into()
}

fn once() -> i64 {
    1
}

impl Rule {
    /// The next call to `endpoint` of `partner` gets `action`.
    pub fn next(partner: Partner, endpoint: &str, action: Action) -> Self {
        Self {
            partner,
            endpoint: endpoint.into(),
            times: 1,
            contains: None,
            action,
        }
    }
}

/// What a scripted call meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Answers with this code and does nothing else.
    Refuse {
        /// The partner's own code, number or string.
        code: Value,
        /// HTTP status; the partner's usual one when missing.
        #[serde(default)]
        http_status: Option<u16>,
        /// A whole body instead of the partner's usual one.
        #[serde(default)]
        body: Option<Value>,
    },
    /// Waits before doing the work.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Closes the connection without doing anything.
    DropBefore {
        /// Keeps the caller waiting so long first.
        #[serde(default)]
        hang_ms: u64,
    },
    /// Does the work, then closes the connection without an answer.
    DropAfter {
        /// Keeps the caller waiting so long first.
        #[serde(default)]
        hang_ms: u64,
    },
    /// The event that follows (gateway) or the notification (WeChat Pay) goes out twice.
    Twice {},
    /// The event that follows goes out only after the next one.
    OutOfOrder {},
    /// The event or notification that follows goes out later.
    Late {
        /// Milliseconds.
        ms: u64,
    },
    /// The work is done and answered, but the event or notification never goes out.
    Silent {},
    /// The bill (or, on a query or notification, only that answer) carries another amount.
    WrongAmount {
        /// Fen.
        fen: u64,
    },
    /// The bill takes this state and keeps it until told otherwise.
    State {
        /// A WeChat Pay bill state such as `WAIT_USER_CONFIRM`.
        state: String,
        /// Reason of a `FAIL`.
        #[serde(default)]
        fail_reason: Option<String>,
    },
    /// An error in WeChat Pay's form.
    Error {
        /// Such as `SYSTEM_ERROR`.
        code: String,
        /// HTTP status.
        status: u16,
        /// Whether the work is done all the same.
        #[serde(default)]
        after: bool,
    },
    /// The answer or notification is signed by somebody else.
    BadSignature {},
    /// One byte of the answer or notification changes after it was signed.
    FlipByte {},
}

/// The rules in force, oldest first.
#[derive(Default)]
pub struct Script {
    rules: Mutex<Vec<Rule>>,
}

impl Script {
    /// Adds rules behind those that are there.
    pub fn add(&self, rules: Vec<Rule>) {
        self.lock().extend(rules);
    }

    /// What is still to happen.
    pub fn list(&self) -> Vec<Rule> {
        self.lock().clone()
    }

    /// Back to good behaviour.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The action for a call, taken off its rule. The oldest matching rule wins.
    pub fn take(&self, partner: Partner, endpoint: &str, texts: &[&str]) -> Option<Action> {
        let mut rules = self.lock();
        let index = rules.iter().position(|rule| {
            rule.partner == partner
                && (rule.endpoint == "*" || rule.endpoint == endpoint)
                && rule
                    .contains
                    .as_ref()
                    .is_none_or(|part| texts.iter().any(|text| text.contains(part)))
        })?;
        let action = rules[index].action.clone();
        match rules[index].times {
            n if n < 0 => {}
            n if n > 1 => rules[index].times = n - 1,
            _ => {
                rules.remove(index);
            }
        }
        Some(action)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().expect("no holder of this lock panics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_used_up_and_the_oldest_wins() {
        let script = Script::default();
        script.add(vec![
            Rule {
                times: 2,
                ..Rule::next(Partner::Gateway, "bind_group", Action::Twice {})
            },
            Rule {
                contains: Some("G-9".into()),
                ..Rule::next(Partner::Gateway, "*", Action::Silent {})
            },
        ]);
        let take = |text: &str| script.take(Partner::Gateway, "bind_group", &[text]);
        assert_eq!(script.take(Partner::Launch, "bind_group", &[]), None);
        assert_eq!(take("G-9"), Some(Action::Twice {}));
        assert_eq!(take("G-1"), Some(Action::Twice {}));
        assert_eq!(take("G-1"), None);
        assert_eq!(take("{\"group_id\":\"G-9\"}"), Some(Action::Silent {}));
        assert!(script.list().is_empty());
    }

    #[test]
    fn rules_read_as_the_readme_writes_them() {
        let rule: Rule = serde_json::from_str(
            r#"{"partner":"wxpay","endpoint":"transfer_bills","action":{"state":{"state":"FAIL","fail_reason":"X"}}}"#,
        )
        .unwrap();
        assert_eq!(rule.times, 1);
        let rule: Rule =
            serde_json::from_str(r#"{"partner":"gateway","times":-1,"action":{"delay":{"ms":30}}}"#).unwrap();
        assert_eq!(
            (rule.endpoint.as_str(), rule.action),
            ("*", Action::Delay { ms: 30 })
        );
    }
}
