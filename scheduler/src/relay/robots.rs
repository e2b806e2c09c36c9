//! Commands to robots.

use super::CommandOutcomes;
use super::courier::{Courier, Fate};
use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use shared::kernel::error::Result;
use shared::kernel::outbox::{Claimed, Destination, Ending};
use shared::transport::{Delivery, RobotCommand, RobotTransport};
use std::sync::Arc;

/// Carries commands to the chat network, those of different lanes side by side.
pub(super) struct RobotCommands {
    transport: Arc<dyn RobotTransport>,
    outcomes: Arc<dyn CommandOutcomes>,
}

impl RobotCommands {
    pub(super) fn new(transport: Arc<dyn RobotTransport>, outcomes: Arc<dyn CommandOutcomes>) -> Self {
        RobotCommands { transport, outcomes }
    }

    async fn execute(&self, message: &Claimed) -> Fate {
        let command: RobotCommand = match serde_json::from_value(message.payload.clone()) {
            Ok(command) => command,
            Err(error) => return Fate::unreadable(&error),
        };
        match self.transport.execute(message.id, &command).await {
            Delivery::Done => Fate::Delivered,
            Delivery::Refused(words) => Fate::Ended(Ending::Failed, words),
            Delivery::Retry(words) => Fate::later(message, words),
            Delivery::Unknown(words) => Fate::Ended(Ending::Unknown, words),
        }
    }
}

#[async_trait]
impl Courier for RobotCommands {
    fn destination(&self) -> Destination {
        Destination::Robot
    }

    fn batch(&self) -> i64 {
        32
    }

    async fn carry(&mut self, messages: &[Claimed]) -> Vec<Fate> {
        // A claim holds one message a lane, so nothing here can overtake its own kind.
        futures::future::join_all(messages.iter().map(|message| self.execute(message))).await
    }

    async fn ended(
        &self,
        conn: &DatabaseTransaction,
        message: &Claimed,
        ending: Ending,
        words: &str,
    ) -> Result<()> {
        let command = serde_json::from_value(message.payload.clone());
        match (ending, command) {
            (Ending::Failed, Ok(command)) => self.outcomes.refused(conn, &command, words).await,
            // An outcome nobody knows is no refusal, and what cannot be read names nothing that was refused.
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::courier::tests::claimed;
    use super::*;
    use shared::kernel::inbox::Arrival;
    use shared::transport::{RobotEvent, RobotProfile};
    use uuid::Uuid;

    /// Answers what it was told to.
    struct Network(Delivery);

    #[async_trait]
    impl RobotTransport for Network {
        fn name(&self) -> &'static str {
            "network"
        }

        fn file(&self, _: Option<&str>, _: &[u8]) -> Arrival {
            unreachable!("commands only")
        }

        fn read(&self, _: &[u8]) -> Result<RobotEvent> {
            unreachable!("commands only")
        }

        async fn execute(&self, _: Uuid, _: &RobotCommand) -> Delivery {
            self.0.clone()
        }

        async fn robot(&self, _: &str) -> Result<RobotProfile> {
            unreachable!("commands only")
        }

        async fn groups_of(&self, _: &str) -> Result<Vec<String>> {
            unreachable!("commands only")
        }
    }

    struct Nobody;

    #[async_trait]
    impl CommandOutcomes for Nobody {
        async fn refused(&self, _: &DatabaseTransaction, _: &RobotCommand, _: &str) -> Result<()> {
            Ok(())
        }
    }

    async fn fate_of(delivery: Delivery, payload: serde_json::Value) -> Fate {
        let mut courier = RobotCommands::new(Arc::new(Network(delivery)), Arc::new(Nobody));
        courier.carry(&[claimed(3, payload)]).await.remove(0)
    }

    #[tokio::test]
    async fn every_delivery_has_its_fate() {
        let command = RobotCommand::SyncGroupMembers {
            group_code: "G-1".into(),
        };
        let payload = serde_json::to_value(command).unwrap();
        let words = || "words".to_owned();
        for (delivery, fate) in [
            (Delivery::Done, Fate::Delivered),
            (Delivery::Refused(words()), Fate::Ended(Ending::Failed, words())),
            (Delivery::Unknown(words()), Fate::Ended(Ending::Unknown, words())),
            (
                Delivery::Retry(words()),
                Fate::Again(chrono::TimeDelta::seconds(4), words()),
            ),
        ] {
            assert_eq!(fate_of(delivery, payload.clone()).await, fate);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_ends_instead_of_blocking_its_lane() {
        let fate = fate_of(Delivery::Done, serde_json::json!({"command": "nonsense"})).await;
        assert!(matches!(fate, Fate::Ended(Ending::Failed, _)), "{fate:?}");
    }
}
