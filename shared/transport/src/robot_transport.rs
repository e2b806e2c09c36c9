//! The one trait that a chat network's transport has, and the intake where it leaves what it hears. They know each other,
//! so they share a file.

use crate::abilities::Abilities;
use crate::code::{GroupCode, RobotCode};
use crate::command::{CommandOutcome, RobotCommand};
use crate::event::{RobotEvent, RobotProfile};
use crate::network::Network;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::inbox::{self, Arrival, LARGEST_BODY};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Waits between tries while PostgreSQL is away.
const PAUSE: Duration = Duration::from_secs(1);
/// Bytes that are filed in one statement, unless a single message has more.
const BATCH_BYTES: usize = 4 << 20;

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
    async fn execute(&self, id: Uuid, command: &RobotCommand) -> CommandOutcome;

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
pub struct RawMessage {
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
        messages: &[RawMessage],
        stop: &CancellationToken,
    ) -> bool {
        for batch in batches(messages) {
            while let Err(error) = self.file(transport, batch).await {
                metrics::counter!("gpet_inbox_receive_failures_total").increment(1);
                tracing::warn!(error = %error.chain(), messages = batch.len(), "robot events wait for the inbox");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = stop.cancelled() => return false,
                }
            }
        }
        true
    }

    /// Files messages in the inbox, once. Whatever arrives, the next good message gets through: what PostgreSQL refuses
    /// for good, or nobody can read, becomes a dead letter of its own.
    ///
    /// # Errors
    /// 503 when PostgreSQL is away; any other when it takes nothing at all, not even a dead letter.
    pub async fn receive(&self, transport: &dyn RobotTransport, messages: &[RawMessage]) -> Result<()> {
        for batch in batches(messages) {
            self.file(transport, batch).await?;
        }
        Ok(())
    }

    /// Files a batch whole, or message by message where something in it is refused for good.
    async fn file(&self, transport: &dyn RobotTransport, batch: &[RawMessage]) -> Result<()> {
        let arrived_at = self.context.clock.now();
        let network = transport.network();
        let arrivals = batch.iter().map(|raw| arrival(transport, raw, arrived_at));
        match self.insert(&network, arrivals.collect()).await {
            Err(error) if !error.transient => {
                tracing::warn!(error = %error.chain(), messages = batch.len(), "robot events are filed one by one");
                for raw in batch {
                    self.file_alone(transport, raw, arrived_at).await?;
                }
                Ok(())
            }
            filed => filed,
        }
    }

    async fn file_alone(
        &self,
        transport: &dyn RobotTransport,
        raw: &RawMessage,
        arrived_at: DateTime<Utc>,
    ) -> Result<()> {
        let network = transport.network();
        match self
            .insert(&network, vec![arrival(transport, raw, arrived_at)])
            .await
        {
            Err(error) if !error.transient => {
                let dead = Arrival::refused(network.as_str(), &raw.body, error.chain());
                self.insert(&network, vec![dead]).await
            }
            filed => filed,
        }
    }

    async fn insert(&self, network: &Network, arrivals: Vec<Arrival>) -> Result<()> {
        let count = arrivals.len() as u64;
        let malformed = arrivals.iter().filter_map(|arrival| {
            let reason = arrival.malformed.clone()?;
            Some((arrival.command.clone(), reason))
        });
        let malformed: Vec<(String, String)> = malformed.collect();
        let txn = self.context.db.begin().await?;
        let now = self.context.clock.shared_now(&txn).await?;
        let new = inbox::receive(&txn, network.as_str(), arrivals, now).await?;
        txn.commit().await?;
        for (command, reason) in malformed {
            metrics::counter!("gpet_robot_events_malformed_total").increment(1);
            tracing::warn!(
                %network,
                command,
                reason,
                "a robot event cannot be handled and goes to the dead letters"
            );
        }
        metrics::counter!("gpet_robot_events_received_total").increment(new);
        metrics::counter!("gpet_robot_events_repeated_total").increment(count - new);
        self.arrived.notify_waiters();
        Ok(())
    }
}

/// The messages in their order, as many at once as [`BATCH_BYTES`] hold.
fn batches(mut rest: &[RawMessage]) -> impl Iterator<Item = &[RawMessage]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fit = rest.iter().take_while(|raw| {
            bytes += raw.body.len();
            bytes <= BATCH_BYTES
        });
        let (batch, left) = rest.split_at(fit.count().max(1).min(rest.len()));
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}

/// What the transport makes of a message, if a row of the inbox can hold it.
fn arrival(transport: &dyn RobotTransport, raw: &RawMessage, arrived_at: DateTime<Utc>) -> Arrival {
    let network = transport.network();
    let refused = |error: Error| Arrival::refused(network.as_str(), &raw.body, error.message.into_owned());
    if raw.body.len() > LARGEST_BODY {
        return refused(inbox::too_large(raw.body.len()));
    }
    let file = || transport.file(raw.message_id.as_deref(), &raw.body, arrived_at);
    let Ok(arrival) = catch_unwind(AssertUnwindSafe(file)) else {
        return refused(Error::params("body", "reading it panicked"));
    };
    let arrival = of_network(&network, arrival);
    arrival.misfit().map_or(arrival, refused)
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
            full_size: None,
            malformed: None,
        };
        let filed = ["gateway", "onebot"].map(|network| of_network(&network.parse().unwrap(), arrival()));
        assert_eq!(filed[0].lane, "group:1", "the gateway's stay");
        assert_eq!(filed[1].lane, "onebot/group:1");
        assert_ne!(filed[0].message_key, filed[1].message_key);
    }

    #[test]
    fn a_batch_is_bounded_by_bytes_and_never_empty() {
        let raws: Vec<RawMessage> = [1, BATCH_BYTES - 1, 1, BATCH_BYTES + 1, 5, 6]
            .map(|length| RawMessage {
                message_id: None,
                body: vec![0; length],
            })
            .into();
        let sizes: Vec<Vec<usize>> = batches(&raws)
            .map(|batch| batch.iter().map(|raw| raw.body.len()).collect())
            .collect();
        let expected = [
            vec![1, BATCH_BYTES - 1],
            vec![1],
            vec![BATCH_BYTES + 1],
            vec![5, 6],
        ];
        assert_eq!(sizes, expected);
        assert_eq!(batches(&[]).count(), 0);
    }
}
