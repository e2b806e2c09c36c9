//! Short messages.

use super::courier::{Courier, DeliveryResult};
use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::Context;
use kernel::outbox::{ClaimedMessage, Destination, Ending};
use partners::Partners;
use partners::sms::{NotSent, ShortMessage};
use serde::Deserialize;
use std::sync::Arc;

/// The provider takes one message a minute for a number.
const ANOTHER_MINUTE: TimeDelta = TimeDelta::seconds(60);

/// Carries short messages to the provider, as long as they are of use.
pub(super) struct ShortMessages {
    partners: Arc<Partners>,
    context: Context,
}

impl ShortMessages {
    pub(super) fn new(partners: Arc<Partners>, context: Context) -> Self {
        ShortMessages { partners, context }
    }

    async fn carry_one(&self, message: &ClaimedMessage) -> DeliveryResult {
        let opened = self.context.data_keys().and_then(|keys| message.open(&keys));
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return DeliveryResult::sealed(message, &error),
        };
        let result = match ShortMessage::deserialize(&opened.payload) {
            Ok(short) => self.send(message, &short).await,
            Err(error) => DeliveryResult::unreadable(&error),
        };
        result.masked(&opened)
    }

    async fn send(&self, message: &ClaimedMessage, short: &ShortMessage) -> DeliveryResult {
        if short.valid_until < self.context.clock.now() {
            return DeliveryResult::Ended(Ending::Failed, "no longer of use".to_owned());
        }
        match self.partners.sms.send(short).await {
            Ok(()) => DeliveryResult::Delivered,
            Err(reason @ NotSent::TooMany) => DeliveryResult::Again(ANOTHER_MINUTE, reason.to_string()),
            Err(reason @ NotSent::Retry(_)) => DeliveryResult::later(message, reason.to_string()),
            Err(reason @ (NotSent::BadNumber | NotSent::Refused(_))) => {
                DeliveryResult::Ended(Ending::Failed, reason.to_string())
            }
            Err(reason @ NotSent::Unknown(_)) => DeliveryResult::Ended(Ending::Unknown, reason.to_string()),
        }
    }
}

#[async_trait]
impl Courier for ShortMessages {
    fn destination(&self) -> Destination {
        Destination::Sms
    }

    fn batch(&self) -> i64 {
        16
    }

    fn repeatable(&self, _message: &ClaimedMessage) -> bool {
        false
    }

    async fn carry(&mut self, messages: &[ClaimedMessage]) -> Vec<DeliveryResult> {
        futures::future::join_all(messages.iter().map(|message| self.carry_one(message))).await
    }
}
