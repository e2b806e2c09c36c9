//! Messages to deliver, as use cases make them.

use crate::data_keys::{DataKeys, Place};
use crate::error::{Error, Result};
use crate::secret::to_sealable_json;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use uuid::Uuid;

crate::named! {
    /// Where a message goes.
    pub enum Destination {
        /// Our exchange: business and tracking events.
        Event = "event",
        /// A robot transport: commands.
        Robot = "robot",
        /// The delivery system.
        Launch = "launch",
        /// The SMS provider.
        Sms = "sms",
    }
}

crate::named! {
    /// What became of a message.
    pub enum MessageState {
        /// It waits, or is on its way.
        Pending = "pending",
        /// It arrived.
        Delivered = "delivered",
        /// Nobody knows whether it arrived, and repeating it could do it twice.
        Unknown = "unknown",
        /// It was refused for good, or given up.
        Failed = "failed",
    }
}

/// A message to deliver.
#[derive(Clone)]
pub struct Message {
    pub(super) destination: Destination,
    pub(super) topic: String,
    pub(super) lane: String,
    /// With its secrets masked.
    pub(super) payload: serde_json::Value,
    pub(super) due_at: Option<DateTime<Utc>>,
    /// The whole payload and what to seal it with, where it has secrets.
    secrets: Option<(SecretSlice<u8>, DataKeys)>,
}

impl Message {
    /// A message whose place in `lane` matters, without secrets.
    ///
    /// # Errors
    /// When the payload is no JSON, or has a secret: mistakes in the program.
    pub fn new(
        destination: Destination,
        topic: &str,
        lane: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<Self> {
        let message = Message {
            destination,
            topic: topic.to_owned(),
            lane: lane.into(),
            payload: serde_json::to_value(payload)?,
            due_at: None,
            secrets: None,
        };
        match to_sealable_json(payload)? == message.payload {
            true => Ok(message),
            false => Err(Error::internal(format!(
                "a {topic} has a secret and no key to seal it with"
            ))),
        }
    }

    /// The same with secrets: the row shows them masked, and holds the whole payload sealed.
    ///
    /// # Errors
    /// When the payload is no JSON, which is a mistake in the program.
    pub fn sealed(
        keys: &DataKeys,
        destination: Destination,
        topic: &str,
        lane: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<Self> {
        let whole = serde_json::to_vec(&to_sealable_json(payload)?)?;
        Ok(Message {
            destination,
            topic: topic.to_owned(),
            lane: lane.into(),
            payload: serde_json::to_value(payload)?,
            due_at: None,
            secrets: Some((whole.into(), keys.clone())),
        })
    }

    /// The whole payload as the row with this id holds it; empty where there is no secret in it.
    pub(super) fn sealed_for(&self, id: Uuid) -> Result<Vec<u8>> {
        match &self.secrets {
            Some((whole, keys)) => keys.seal(&place(id), whole.expose_secret()),
            None => Ok(Vec::new()),
        }
    }

    /// The same, put off until `due_at`. It leaves its lane for one of its own time, which it must not hold up meanwhile.
    pub fn put_off(mut self, due_at: DateTime<Utc>) -> Self {
        self.lane = format!("{}@{}", self.lane, due_at.timestamp());
        self.due_at = Some(due_at);
        self
    }
}

/// Where the sealed payload of a row stands.
pub(super) fn place(id: Uuid) -> Place<'static, Uuid> {
    Place {
        table: "outbox",
        column: "sealed",
        row: id,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::data_keys::testing_keys as keys;
    use super::super::super::secret::Secret;
    use super::*;

    #[derive(Serialize)]
    struct Code {
        phone: &'static str,
        code: Secret,
    }

    #[test]
    fn a_secret_needs_a_key() {
        let code = Code {
            phone: "13800138000",
            code: "123456".into(),
        };
        assert!(Message::new(Destination::Sms, "code", "lane", &code).is_err());
        let message = Message::sealed(&keys(1, 1), Destination::Sms, "code", "lane", &code).unwrap();
        assert_eq!(
            message.payload,
            serde_json::json!({"phone": "13800138000", "code": "***"})
        );
        let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = message.sealed_for(here).unwrap();
        let opened = keys(1, 1).open(&place(here), &sealed).unwrap();
        let opened: serde_json::Value = serde_json::from_slice(&opened).unwrap();
        assert_eq!(opened["code"], "123456");
        assert!(keys(1, 1).open(&place(there), &sealed).is_err());
        assert!(
            Message::new(Destination::Sms, "code", "lane", &"plain")
                .unwrap()
                .sealed_for(here)
                .unwrap()
                .is_empty()
        );
    }
}
