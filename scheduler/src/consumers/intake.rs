//! Messages into the inbox.

use kernel::inbox::{self, Arrival};
use kernel::{Context, Result};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use transport::RobotTransport;

/// Waits between tries while PostgreSQL is away.
const PAUSE: Duration = Duration::from_secs(1);

/// A message off the wire.
pub struct Raw {
    /// The broker's message id, if the sender set one.
    pub message_id: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Files messages in the inbox, trying for as long as PostgreSQL is away. False when told to stop before that.
pub async fn store(
    context: &Context,
    transport: &dyn RobotTransport,
    messages: &[Raw],
    stop: &CancellationToken,
) -> bool {
    loop {
        match receive(context, transport, messages).await {
            Ok(()) => return true,
            Err(error) => {
                metrics::counter!("gpet_inbox_receive_failures_total").increment(1);
                tracing::warn!(error = %error.chain(), messages = messages.len(), "robot events wait for the inbox");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => return false,
        }
    }
}

/// Files messages in the inbox, once.
///
/// # Errors
/// 503 when PostgreSQL is away.
pub async fn receive(context: &Context, transport: &dyn RobotTransport, messages: &[Raw]) -> Result<()> {
    let arrived_at = context.clock.now();
    let arrivals: Vec<Arrival> = messages
        .iter()
        .map(|raw| transport.file(raw.message_id.as_deref(), &raw.body, arrived_at))
        .collect();
    for arrival in arrivals.iter().filter(|arrival| arrival.malformed.is_some()) {
        metrics::counter!("gpet_robot_events_malformed_total").increment(1);
        tracing::warn!(
            command = arrival.command,
            reason = arrival.malformed,
            "a robot event is malformed and goes to the dead letters"
        );
    }
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let new = inbox::receive(&txn, arrivals, now).await?;
    txn.commit().await?;
    metrics::counter!("gpet_robot_events_received_total").increment(new);
    metrics::counter!("gpet_robot_events_repeated_total").increment(messages.len() as u64 - new);
    Ok(())
}
