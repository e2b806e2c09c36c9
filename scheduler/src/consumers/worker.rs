//! Messages out of the inbox, one transaction each.

use super::handle::handle;
use chrono::{DateTime, Utc};
use domain::robot::mirror;
use futures::FutureExt;
use kernel::clock::BusinessDate;
use kernel::inbox::{self, Received};
use kernel::{Context, Error, Result};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use transport::{Intake, RobotEvent, Transports};

/// How long a worker that found nothing waits at most: retries fall due, and other replicas take messages in.
const IDLE: Duration = Duration::from_millis(500);
/// How long a worker waits when the stores are away.
const PAUSE: Duration = Duration::from_secs(1);

/// Handles messages until told to stop, each to its end.
pub(super) async fn work(intake: Intake, transports: Transports, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match handle_next(intake.context(), &transports).await {
            Ok(true) => continue,
            Ok(false) => IDLE,
            Err(error) => {
                tracing::warn!(error = %error.chain(), "robot events wait for the stores");
                PAUSE
            }
        };
        tokio::select! {
            () = intake.arrived().notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Handles everything that is due, and tells how many messages that were. What fails is put off or dead, as ever.
///
/// # Errors
/// 503 when PostgreSQL is away.
pub async fn drain(context: &Context, transports: &Transports) -> Result<usize> {
    let mut handled = 0;
    while handle_next(context, transports).await? {
        handled += 1;
    }
    Ok(handled)
}

/// Handles the next due message; false when there is none. Its effects and its mark commit together or not at all.
async fn handle_next(context: &Context, transports: &Transports) -> Result<bool> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let Some(message) = inbox::next(&txn, now).await? else {
        txn.rollback().await?;
        return Ok(false);
    };
    let started = Instant::now();
    let event = transports.read(&message.network, &message.body);
    let fate = match &event {
        Ok(event) => settle(&txn, context, &message, event, now).await?,
        Err(error) => put_off(&txn, &message, error, now).await?,
    };
    txn.commit().await?;
    let command = event.as_ref().map_or("unreadable", RobotEvent::name);
    metrics::counter!("gpet_robot_events_total", "command" => command, "outcome" => fate).increment(1);
    metrics::histogram!("gpet_robot_event_seconds", "command" => command).record(started.elapsed());
    if let Some(robot_code) = event.as_ref().ok().and_then(RobotEvent::robot_code) {
        mirror::refresh_code(context, BusinessDate::of(now), robot_code).await;
    }
    Ok(true)
}

/// Handles a message and writes its fate. What a handler that failed did is undone; the row stays ours meanwhile.
async fn settle(
    txn: &DatabaseTransaction,
    context: &Context,
    message: &Received,
    event: &RobotEvent,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    match attempt(txn, context, event, now).await {
        Ok(outcome) => {
            inbox::done(txn, message.id, outcome, now).await?;
            Ok("done")
        }
        Err(error) => put_off(txn, message, &error, now).await,
    }
}

/// Runs the handler in a nested transaction, so that what it did can be undone while the row stays locked.
async fn attempt(
    txn: &DatabaseTransaction,
    context: &Context,
    event: &RobotEvent,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let nested = txn.begin().await?;
    let handled = AssertUnwindSafe(handle(&nested, context, event, now))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::internal("the handler panicked")));
    match handled {
        Ok(outcome) => {
            nested.commit().await?;
            Ok(outcome)
        }
        Err(error) => {
            nested.rollback().await?;
            Err(error)
        }
    }
}

async fn put_off(
    txn: &DatabaseTransaction,
    message: &Received,
    error: &Error,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    inbox::failed(txn, message, error, now).await?;
    let fate = if error.transient && (message.attempts as usize) < inbox::RETRY_DELAYS.len() {
        "retried"
    } else {
        "dead"
    };
    tracing::warn!(id = message.id, command = message.command, error = %error.chain(), fate, "a robot event failed");
    Ok(fate)
}
