//! The one trait that a chat network's transport has, and the intake where it leaves what it hears. They know each other,
//! so they share a file.

use crate::abilities::Abilities;
use crate::code::{GroupCode, RobotCode};
use crate::command::{Delivery, RobotCommand};
use crate::event::{RobotEvent, RobotProfile};
use crate::network::Network;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::inbox::{self, Arrival};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Waits between tries while PostgreSQL is away.
const PAUSE: Duration = Duration::from_secs(1);

/// A chat network's way in and out. Codes in events and answers are of its network; so are those in the commands it gets.
#[async_trait]
pub trait RobotTransport: Send + Sync {
    /// The network it leads to. The same for as long as it lives.
    fn network(&self) -> Network;

    /// What can be asked of it; nothing else is.
    fn abilities(&self) -> Abilities;

    /// Listens to the network and hands on what it says, until told to stop. Trouble is its own to get over. A message
    /// that [`Intake::store`] has taken may be acknowledged.
    async fn listen(&self, intake: &Intake, stop: &CancellationToken);

    /// Reads a raw message far enough to file it: its key, command and lane, or why it is malformed. Key and lane need be
    /// unique within the network only. The time of arrival tells copies from genuine repeats where the message itself
    /// does not.
    fn file(&self, message_id: Option<&str>, body: &[u8], arrived_at: DateTime<Utc>) -> Arrival;

    /// Reads a filed message whole.
    ///
    /// # Errors
    /// 1403 naming the field that is missing or wrong.
    fn read(&self, body: &[u8]) -> Result<RobotEvent>;

    /// Whether carrying this command out a second time, under the same id, changes nothing.
    fn repeatable(&self, command: &RobotCommand) -> bool;

    /// Carries out a command once. `id` is the same over retries.
    async fn execute(&self, id: Uuid, command: &RobotCommand) -> Delivery;

    /// What the network says of a robot.
    ///
    /// # Errors
    /// 1101 when it does not answer, 1404 when it knows no such robot.
    async fn robot(&self, robot: &RobotCode) -> Result<RobotProfile>;

    /// Codes of the groups the network sees the robot in.
    ///
    /// # Errors
    /// As [`RobotTransport::robot`].
    async fn groups_of(&self, robot: &RobotCode) -> Result<Vec<GroupCode>>;
}

/// A message off the wire.
pub struct Raw {
    /// The sender's id of the message, if it set one.
    pub message_id: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Where transports leave what they hear.
#[derive(Clone)]
pub struct Intake {
    context: Context,
    arrived: Arc<Notify>,
}

impl Intake {
    /// The way into the inbox of these stores.
    pub fn new(context: Context) -> Self {
        Intake {
            context,
            arrived: Arc::new(Notify::new()),
        }
    }

    /// Configuration, clock and stores.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Wakes whoever waits for messages.
    pub fn arrived(&self) -> &Notify {
        &self.arrived
    }

    /// Files messages in the inbox, trying for as long as PostgreSQL is away. False when told to stop before that.
    pub async fn store(
        &self,
        transport: &dyn RobotTransport,
        messages: &[Raw],
        stop: &CancellationToken,
    ) -> bool {
        while let Err(error) = self.receive(transport, messages).await {
            metrics::counter!("gpet_inbox_receive_failures_total").increment(1);
            tracing::warn!(error = %error.chain(), messages = messages.len(), "robot events wait for the inbox");
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => return false,
            }
        }
        true
    }

    /// Files messages in the inbox, once.
    ///
    /// # Errors
    /// 503 when PostgreSQL is away.
    pub async fn receive(&self, transport: &dyn RobotTransport, messages: &[Raw]) -> Result<()> {
        let arrived_at = self.context.clock.now();
        let network = transport.network();
        let arrivals: Vec<Arrival> = messages
            .iter()
            .map(|raw| transport.file(raw.message_id.as_deref(), &raw.body, arrived_at))
            .map(|arrival| of_network(&network, arrival))
            .collect();
        for arrival in arrivals.iter().filter(|arrival| arrival.malformed.is_some()) {
            metrics::counter!("gpet_robot_events_malformed_total").increment(1);
            tracing::warn!(
                %network,
                command = arrival.command,
                reason = arrival.malformed,
                "a robot event is malformed and goes to the dead letters"
            );
        }
        let txn = self.context.db.begin().await?;
        let now = self.context.clock.shared_now(&txn).await?;
        let new = inbox::receive(&txn, network.as_str(), arrivals, now).await?;
        txn.commit().await?;
        metrics::counter!("gpet_robot_events_received_total").increment(new);
        metrics::counter!("gpet_robot_events_repeated_total").increment(messages.len() as u64 - new);
        self.arrived.notify_waiters();
        Ok(())
    }
}

/// Keeps keys and lanes of different networks apart. The gateway's are as they were before there were others; theirs
/// never have a slash before the first colon.
fn of_network(network: &Network, arrival: Arrival) -> Arrival {
    if network.is_gateway() {
        return arrival;
    }
    Arrival {
        message_key: format!("{network}/{}", arrival.message_key),
        lane: format!("{network}/{}", arrival.lane),
        ..arrival
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_lanes_of_two_networks_differ() {
        let arrival = || Arrival {
            message_key: "group_message:1".to_owned(),
            command: "group_message".to_owned(),
            lane: "group:1".to_owned(),
            body: Vec::new(),
            malformed: None,
        };
        let filed = ["gateway", "onebot"].map(|network| of_network(&network.parse().unwrap(), arrival()));
        assert_eq!(filed[0].lane, "group:1", "the gateway's stay");
        assert_eq!(filed[1].lane, "onebot/group:1");
        assert_ne!(filed[0].message_key, filed[1].message_key);
    }
}
