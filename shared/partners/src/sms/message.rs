//! What is sent, and why it was not.

use chrono::{DateTime, Utc};
use kernel::code::Code;
use kernel::crypto;
use kernel::data_keys::DataKeys;
use kernel::error::{Error, Result};
use kernel::external;
use kernel::outbox::{Destination, Message};
use kernel::secret::{MASK, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const NAME: &str = "the SMS provider";
/// Characters of the provider's words that are told.
const LONGEST_WORDS: usize = 500;

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
    /// As an outbox message. Messages to one phone keep their order: the lane is the phone's digest, for people read lanes.
    ///
    /// # Errors
    /// 1500 when there is no key to seal with.
    pub fn into_message(self, keys: &DataKeys) -> Result<Message> {
        let lane = self.lane(keys)?;
        let topic = match self.template {
            Template::VerifyCode => "verify_code",
            Template::RobotRetired => "robot_retired",
        };
        Message::sealed(keys, Destination::Sms, topic, lane, &self)
    }

    fn lane(&self, keys: &DataKeys) -> Result<String> {
        // Keyed, because whoever tries all phones would find the one of a bare digest.
        let key = keys.derive("lanes of SMS")?;
        let digest = crypto::hmac_sha256_hex(&key, self.phone.as_bytes());
        Ok(format!("sms:{digest}"))
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

impl NotSent {
    /// The same reason without these secrets, and cut: the provider repeats what it complains of.
    pub(super) fn without<'a>(self, secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mask = |words: String| {
            let secrets = secrets.into_iter().map(Secret::expose);
            let secrets = secrets.filter(|secret| !secret.is_empty());
            let words = secrets.fold(words, |words, secret| words.replace(secret, MASK));
            // Not before: half a code is no longer known as one.
            external::cut(words, LONGEST_WORDS)
        };
        match self {
            NotSent::Refused(words) => NotSent::Refused(mask(words)),
            NotSent::Retry(words) => NotSent::Retry(mask(words)),
            NotSent::Unknown(words) => NotSent::Unknown(mask(words)),
            reason @ (NotSent::TooMany | NotSent::BadNumber) => reason,
        }
    }
}

impl From<NotSent> for Error {
    fn from(reason: NotSent) -> Self {
        match reason {
            NotSent::TooMany => Error::too_many(Code::SmsTooFrequent, 60),
            NotSent::BadNumber => Error::params("phone", "is not a phone number that can be reached"),
            NotSent::Refused(_) => Error {
                transient: false,
                ..Error::partner(NAME, reason)
            },
            NotSent::Retry(_) | NotSent::Unknown(_) => Error::partner(NAME, reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::data_keys::testing_keys;

    #[test]
    fn a_secret_is_masked_before_the_words_about_it_are_cut() {
        let said = format!("{}123456 is no code", "x".repeat(LONGEST_WORDS - 3));
        let NotSent::Refused(words) = NotSent::Refused(said).without([&"123456".into()]) else {
            panic!("it was refused");
        };
        assert_eq!(words, format!("{}***", "x".repeat(LONGEST_WORDS - 3)));
    }

    #[test]
    fn the_lane_of_a_phone_is_always_the_same_and_tells_nothing_of_it() {
        let lane = |phone: &str, key: u8| {
            let message = ShortMessage {
                phone: phone.to_owned(),
                template: Template::RobotRetired,
                params: BTreeMap::new(),
                valid_until: DateTime::UNIX_EPOCH,
            };
            message.lane(&testing_keys(1, key)).unwrap()
        };
        assert_eq!(lane("13800000000", 1), lane("13800000000", 1));
        assert_ne!(lane("13800000000", 1), lane("13800000001", 1));
        assert_ne!(
            lane("13800000000", 1),
            lane("13800000000", 2),
            "nobody can count it out"
        );
        assert!(!lane("13800000000", 1).contains("138000"));
    }
}
