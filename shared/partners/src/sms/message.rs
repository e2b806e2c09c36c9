//! What is sent, and why it was not.

use chrono::{DateTime, Utc};
use kernel::code::Code;
use kernel::data_keys::DataKeys;
use kernel::error::{Error, Result};
use kernel::outbox::{Destination, Message};
use kernel::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const NAME: &str = "the SMS provider";

/// Which of the configured templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// A code to prove a phone with; parameter `code`.
    VerifyCode,
    /// A robot was replaced by another account; parameter `name`.
    RobotRetired,
}

/// A message from a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortMessage {
    /// To whom.
    pub phone: String,
    /// Which words.
    pub template: Template,
    /// The template's parameters; a code is one.
    pub params: BTreeMap<String, Secret>,
    /// After this it is of no use and not sent any more.
    pub valid_until: DateTime<Utc>,
}

impl ShortMessage {
    /// As an outbox message. Messages to one phone keep their order.
    ///
    /// # Errors
    /// Never for this type.
    pub fn into_message(self, keys: &DataKeys) -> Result<Message> {
        let lane = format!("sms:{}", self.phone);
        let topic = match self.template {
            Template::VerifyCode => "verify_code",
            Template::RobotRetired => "robot_retired",
        };
        Message::sealed(keys, Destination::Sms, topic, lane, &self)
    }
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// This number got too many (one a minute, five an hour, ten a day).
    #[error("too many messages to this number")]
    TooMany,
    /// The number is none.
    #[error("not a phone number that can be reached")]
    BadNumber,
    /// The provider said no; somebody has to do something about it.
    #[error("refused: {0}")]
    Refused(String),
    /// It did not get there or the provider failed before sending: try again.
    #[error("try again: {0}")]
    Retry(String),
    /// It may have been sent.
    #[error("perhaps sent: {0}")]
    Unknown(String),
}

impl From<NotSent> for Error {
    fn from(reason: NotSent) -> Self {
        match reason {
            NotSent::TooMany => Error::too_many(Code::ShortMsgSendFrequently, 60),
            NotSent::BadNumber => Error::params("phone", "is not a phone number that can be reached"),
            NotSent::Refused(_) => Error {
                transient: false,
                ..Error::partner(NAME, reason)
            },
            NotSent::Retry(_) | NotSent::Unknown(_) => Error::partner(NAME, reason),
        }
    }
}
