//! Messages into the inbox. Whatever arrives, the next good message gets through: what PostgreSQL refuses for good, or
//! nobody can read, becomes a dead letter of its own.

use chrono::{DateTime, Utc};
use kernel::inbox::{self, Arrival, LARGEST_BODY};
use kernel::{Context, Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use transport::RobotTransport;

/// Waits between tries while PostgreSQL is away.
const PAUSE: Duration = Duration::from_secs(1);
/// Bytes that are filed in one statement, unless a single message has more.
const BATCH_BYTES: usize = 4 << 20;

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
    for batch in batches(messages) {
        while let Err(error) = file(context, transport, batch).await {
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

/// Files messages in the inbox, once.
///
/// # Errors
/// 503 when PostgreSQL is away; any other when it takes nothing at all, not even a dead letter.
pub async fn receive(context: &Context, transport: &dyn RobotTransport, messages: &[Raw]) -> Result<()> {
    for batch in batches(messages) {
        file(context, transport, batch).await?;
    }
    Ok(())
}

/// The messages in their order, as many at once as [`BATCH_BYTES`] hold.
fn batches(mut rest: &[Raw]) -> impl Iterator<Item = &[Raw]> {
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

/// Files a batch whole, or message by message where something in it is refused for good.
async fn file(context: &Context, transport: &dyn RobotTransport, batch: &[Raw]) -> Result<()> {
    let arrived_at = context.clock.now();
    let arrivals = batch.iter().map(|raw| arrival(transport, raw, arrived_at));
    match insert(context, arrivals.collect()).await {
        Err(error) if !error.transient => {
            tracing::warn!(error = %error.chain(), messages = batch.len(), "robot events are filed one by one");
            for raw in batch {
                file_alone(context, transport, raw, arrived_at).await?;
            }
            Ok(())
        }
        filed => filed,
    }
}

async fn file_alone(
    context: &Context,
    transport: &dyn RobotTransport,
    raw: &Raw,
    arrived_at: DateTime<Utc>,
) -> Result<()> {
    match insert(context, vec![arrival(transport, raw, arrived_at)]).await {
        Err(error) if !error.transient => {
            let dead = Arrival::refused(transport.name(), &raw.body, error.chain());
            insert(context, vec![dead]).await
        }
        filed => filed,
    }
}

/// What the transport makes of a message, if a row of the inbox can hold it.
fn arrival(transport: &dyn RobotTransport, raw: &Raw, arrived_at: DateTime<Utc>) -> Arrival {
    let refused = |error: Error| Arrival::refused(transport.name(), &raw.body, error.message.into_owned());
    if raw.body.len() > LARGEST_BODY {
        return refused(inbox::too_large(raw.body.len()));
    }
    let file = || transport.file(raw.message_id.as_deref(), &raw.body, arrived_at);
    let Ok(arrival) = catch_unwind(AssertUnwindSafe(file)) else {
        return refused(Error::params("body", "reading it panicked"));
    };
    arrival.misfit().map_or(arrival, refused)
}

async fn insert(context: &Context, arrivals: Vec<Arrival>) -> Result<()> {
    let count = arrivals.len() as u64;
    let malformed = arrivals.iter().filter_map(|arrival| {
        let reason = arrival.malformed.clone()?;
        Some((arrival.command.clone(), reason))
    });
    let malformed: Vec<(String, String)> = malformed.collect();
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let new = inbox::receive(&txn, arrivals, now).await?;
    txn.commit().await?;
    for (command, reason) in malformed {
        metrics::counter!("gpet_robot_events_malformed_total").increment(1);
        tracing::warn!(
            command,
            reason,
            "a robot event cannot be handled and goes to the dead letters"
        );
    }
    metrics::counter!("gpet_robot_events_received_total").increment(new);
    metrics::counter!("gpet_robot_events_repeated_total").increment(count - new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_bounded_by_bytes_and_never_empty() {
        let raws: Vec<Raw> = [1, BATCH_BYTES - 1, 1, BATCH_BYTES + 1, 5, 6]
            .map(|length| Raw {
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
