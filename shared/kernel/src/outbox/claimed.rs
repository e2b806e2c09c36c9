//! Messages on their way, as couriers take them.

use super::message::place;
use crate::data_keys::DataKeys;
use crate::error::{Error, Result};
use crate::secret::{self, MASK};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

/// A message the relay has taken.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ClaimedMessage {
    /// The message id partners see; stable over retries.
    pub id: Uuid,
    /// Its place in the order of writing.
    pub seq: i64,
    /// Routing key or command.
    pub topic: String,
    /// Its lane.
    pub lane: String,
    /// The body, its secrets masked.
    pub payload: serde_json::Value,
    /// The whole body, where it has secrets.
    pub sealed: Option<Vec<u8>>,
    /// Tries so far, this one included.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Somebody took it before and never said what became of it: it may have arrived.
    pub cut_off: bool,
}

/// The body of a message with its secrets, for the one who carries it.
pub struct Opened {
    /// All of it.
    pub payload: Value,
    secrets: Vec<String>,
}

impl ClaimedMessage {
    /// Opens the body. One without secrets, and one written before there was a seal, is as it stands.
    ///
    /// # Errors
    /// 1500 naming the key that is missing or another.
    pub fn open(&self, keys: &DataKeys) -> Result<Opened> {
        let Some(sealed) = &self.sealed else {
            return Ok(Opened {
                payload: self.payload.clone(),
                secrets: Vec::new(),
            });
        };
        let whole = keys.open(&place(self.id), sealed)?;
        // Not even where in the text it ends shows in the error.
        let unreadable = |_| Error::internal("outbox.sealed holds no JSON");
        let payload: Value = serde_json::from_slice(&whole).map_err(unreadable)?;
        let mut secrets = Vec::new();
        collect_masked(&self.payload, &payload, &mut secrets);
        Ok(Opened { payload, secrets })
    }
}

impl Opened {
    /// Somebody's words about the message, without what is secret in it: partners repeat what they complain of.
    pub fn mask(&self, words: &str) -> String {
        let mut masked = words.to_owned();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            masked = masked.replace(secret.as_str(), MASK);
        }
        secret::mask_link_tokens(&masked).into_owned()
    }
}

/// The texts that are masked in one of two values which are the same otherwise.
fn collect_masked(masked: &Value, whole: &Value, found: &mut Vec<String>) {
    match (masked, whole) {
        (Value::String(shown), Value::String(text)) if shown == MASK && text != MASK => {
            found.push(text.clone())
        }
        (Value::Array(shown), Value::Array(items)) => {
            shown
                .iter()
                .zip(items)
                .for_each(|(shown, item)| collect_masked(shown, item, found));
        }
        (Value::Object(shown), Value::Object(fields)) => {
            for (name, field) in fields {
                collect_masked(shown.get(name).unwrap_or(&Value::Null), field, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_about_a_message_keep_its_secrets() {
        let masked = json!({"a": [{"code": MASK}], "b": "plain", "c": MASK});
        let whole = json!({"a": [{"code": "123456"}], "b": "plain", "c": MASK});
        let mut secrets = Vec::new();
        collect_masked(&masked, &whole, &mut secrets);
        assert_eq!(secrets, ["123456"]);
        let opened = Opened {
            payload: whole,
            secrets,
        };
        let token = format!("{}{}", secret::LINK_TOKEN_PREFIX, "a".repeat(60));
        let words = format!("HTTP 400: 123456 plain is no code, nor is {token}");
        assert_eq!(opened.mask(&words), "HTTP 400: *** plain is no code, nor is ***");
    }
}
