//! What the destinations have in common: messages in, results out.

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::error::{Error, Result};
use kernel::outbox::{ClaimedMessage, Destination, Ending, Opened, backoff};
use kernel::secret::mask_link_tokens;
use sea_orm::DatabaseTransaction;

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DeliveryResult {
    /// It has arrived.
    Delivered,
    /// It is over without having arrived for certain.
    Ended(Ending, String),
    /// It is tried again after so long.
    Again(TimeDelta, String),
}

impl DeliveryResult {
    /// Tried again after the usual wait for its number of tries.
    pub(super) fn later(message: &ClaimedMessage, why: impl Into<String>) -> Self {
        DeliveryResult::Again(backoff(message.attempts), why.into())
    }

    /// Over, because this message cannot be understood.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        let words = format!("unreadable payload: {error}");
        DeliveryResult::Ended(Ending::Failed, mask_link_tokens(&words).into_owned())
    }

    /// Kept until this process has the key it was sealed with.
    pub(super) fn sealed(message: &ClaimedMessage, error: &Error) -> Self {
        DeliveryResult::later(message, error.chain())
    }

    /// The same result in words that keep the message's secrets.
    pub(super) fn masked(self, opened: &Opened) -> Self {
        match self {
            DeliveryResult::Delivered => DeliveryResult::Delivered,
            DeliveryResult::Ended(ending, words) => DeliveryResult::Ended(ending, opened.mask(&words)),
            DeliveryResult::Again(wait, words) => DeliveryResult::Again(wait, opened.mask(&words)),
        }
    }
}

/// Carries messages to one destination.
#[async_trait]
pub(super) trait Courier: Send + Sync {
    /// Which.
    fn destination(&self) -> Destination;

    /// How many messages it takes at once. All are carried within the lease of `worker`.
    fn batch(&self) -> i64;

    /// Makes sure that there is a connection; while there is none nothing is claimed.
    async fn ready(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether a message that may have arrived can be carried again without harm.
    fn repeatable(&self, _message: &ClaimedMessage) -> bool {
        true
    }

    /// Carries these, each once, and tells the result of each in their order.
    async fn carry(&mut self, messages: &[ClaimedMessage]) -> Vec<DeliveryResult>;

    /// What must follow from the arrival of messages, in the transaction that records it.
    async fn arrived(&self, _conn: &DatabaseTransaction, _messages: &[&ClaimedMessage]) -> Result<()> {
        Ok(())
    }

    /// What must follow from a message's end, in the transaction that records it.
    async fn ended(
        &self,
        _conn: &DatabaseTransaction,
        _message: &ClaimedMessage,
        _ending: Ending,
        _words: &str,
    ) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::ClaimedMessage;

    /// A message that has been claimed so often.
    pub(in super::super) fn claimed(attempts: i32, payload: serde_json::Value) -> ClaimedMessage {
        ClaimedMessage {
            seq: 0,
            id: uuid::Uuid::from_u128(1),
            topic: "topic".into(),
            lane: "lane".into(),
            payload,
            sealed: None,
            attempts,
            created_at: chrono::DateTime::UNIX_EPOCH,
            cut_off: false,
        }
    }
}
