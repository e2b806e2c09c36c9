//! Commands to robots.

use super::courier::{Courier, DeliveryResult};
use async_trait::async_trait;
use domain::group;
use kernel::Context;
use kernel::error::Result;
use kernel::outbox::{ClaimedMessage, Destination, Ending};
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use transport::{CommandOutcome, RobotCommand, Transports};

/// Carries each command to its own chat network, those of different lanes side by side.
pub(super) struct RobotCommands {
    context: Context,
    transports: Transports,
}

impl RobotCommands {
    pub(super) fn new(context: Context, transports: Transports) -> Self {
        RobotCommands { context, transports }
    }

    async fn execute(&self, message: &ClaimedMessage) -> DeliveryResult {
        let opened = self.context.data_keys().and_then(|keys| message.open(&keys));
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return DeliveryResult::sealed(message, &error),
        };
        let result = match RobotCommand::deserialize(&opened.payload) {
            Ok(command) => match self.transports.execute(message.id, &command).await {
                CommandOutcome::Done => DeliveryResult::Delivered,
                CommandOutcome::Refused(words) => DeliveryResult::Ended(Ending::Failed, words),
                CommandOutcome::Retry(words) => DeliveryResult::later(message, words),
                CommandOutcome::Unknown(words) => DeliveryResult::Ended(Ending::Unknown, words),
            },
            Err(error) => DeliveryResult::unreadable(&error),
        };
        result.masked(&opened)
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

    fn repeatable(&self, message: &ClaimedMessage) -> bool {
        // Which command it is shows without its secrets.
        let command = RobotCommand::deserialize(&message.payload);
        command.is_ok_and(|command| self.transports.repeatable(&command))
    }

    async fn carry(&mut self, messages: &[ClaimedMessage]) -> Vec<DeliveryResult> {
        // A claim holds one message a lane, so nothing here can overtake its own kind.
        futures::future::join_all(messages.iter().map(|message| self.execute(message))).await
    }

    async fn ended(
        &self,
        conn: &DatabaseTransaction,
        message: &ClaimedMessage,
        ending: Ending,
        words: &str,
    ) -> Result<()> {
        match (ending, serde_json::from_value(message.payload.clone())) {
            (
                Ending::Failed,
                Ok(RobotCommand::BindGroup {
                    robot_code,
                    group_code,
                }),
            ) => group::bind_refused(conn, &self.context, &group_code, &robot_code, words).await,
            // An outcome nobody knows is no refusal, and nothing hangs on the other commands.
            _ => Ok(()),
        }
    }
}
