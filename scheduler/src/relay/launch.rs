//! Calls to the delivery system.

use super::courier::{Courier, DeliveryResult};
use async_trait::async_trait;
use domain::group;
use kernel::outbox::{ClaimedMessage, Destination, Ending};
use kernel::{Context, Result};
use partners::Partners;
use partners::launch::LaunchCall;
use sea_orm::DatabaseTransaction;
use std::sync::Arc;

/// Refusals are tried again this often, a good hour in all, before they are final.
const REFUSALS: i32 = 20;

/// Carries calls to the delivery system. All may be repeated.
pub(super) struct LaunchCalls {
    partners: Arc<Partners>,
    context: Context,
}

impl LaunchCalls {
    pub(super) fn new(partners: Arc<Partners>, context: Context) -> Self {
        LaunchCalls { partners, context }
    }

    async fn call(&self, message: &ClaimedMessage) -> DeliveryResult {
        let call: LaunchCall = match serde_json::from_value(message.payload.clone()) {
            Ok(call) => call,
            Err(error) => return DeliveryResult::unreadable(&error),
        };
        match self.partners.launch.call(&call).await {
            Ok(()) => DeliveryResult::Delivered,
            Err(error) if !error.transient && message.attempts >= REFUSALS => {
                DeliveryResult::Ended(Ending::Failed, error.chain())
            }
            Err(error) => DeliveryResult::later(message, error.chain()),
        }
    }
}

#[async_trait]
impl Courier for LaunchCalls {
    fn destination(&self) -> Destination {
        Destination::Launch
    }

    fn batch(&self) -> i64 {
        16
    }

    async fn carry(&mut self, messages: &[ClaimedMessage]) -> Vec<DeliveryResult> {
        futures::future::join_all(messages.iter().map(|message| self.call(message))).await
    }

    /// The delivery system has turned these switches: ours follow.
    async fn arrived(&self, conn: &DatabaseTransaction, messages: &[&ClaimedMessage]) -> Result<()> {
        let mut switches = Vec::new();
        for message in messages {
            if let Ok(LaunchCall::Slots { slots }) = serde_json::from_value(message.payload.clone()) {
                switches.extend(slots.into_iter().map(|slot| (slot.group_code, slot.on)));
            }
        }
        group::launch_switched(conn, &switches, self.context.clock.now()).await
    }
}
