//! Messages out of the inbox, one transaction each.

use super::handle::handle;
use chrono::{DateTime, Utc};
use domain::robot::mirror as capacity;
use domain::tracking;
use futures::FutureExt;
use kernel::clock::BusinessDate;
use kernel::inbox::{self, Received};
use kernel::{Context, Error, Result};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    let event = read(transports, &message);
    let outcome = match conclude(txn, context, &message, &event, now).await {
        Ok(outcome) => outcome,
        Err(error) => note_failure(context, &message, &error, now).await?,
    };
    let command = event.as_ref().map_or("unreadable", RobotEvent::name);
    metrics::counter!("gpet_robot_events_total", "command" => command, "outcome" => outcome).increment(1);
    metrics::histogram!("gpet_robot_event_seconds", "command" => command).record(started.elapsed());
    if let Ok(event) = &event {
        mirror(context, event, BusinessDate::of(now)).await;
    }
    Ok(true)
}

/// Reads a message that is here whole.
fn read(transports: &Transports, message: &Received) -> Result<RobotEvent> {
    if let Some(size) = message.full_size {
        return Err(inbox::cut_short(size));
    }
    catch_unwind(AssertUnwindSafe(|| {
        transports.read(&message.network, &message.body)
    }))
    .unwrap_or_else(|_| Err(Error::internal("reading it panicked")))
}

/// Handles a message, writes its outcome and commits both.
async fn conclude(
    txn: DatabaseTransaction,
    context: &Context,
    message: &Received,
    event: &Result<RobotEvent>,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let outcome = match event {
        Ok(event) => settle(&txn, context, message, event, now).await?,
        Err(error) => put_off(&txn, message, error, now).await?,
    };
    txn.commit().await?;
    Ok(outcome)
}

/// Its transaction failed as a whole, and its mark with it. Noted in another one, or the message would be the next one
/// again for ever and its lane would stand still. A commit whose answer got lost is left alone: its row is not pending.
async fn note_failure(
    context: &Context,
    message: &Received,
    error: &Error,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let txn = context.db.begin().await?;
    let outcome = put_off(&txn, message, error, now).await?;
    txn.commit().await?;
    Ok(outcome)
}

/// Brings Redis up to what an event changed.
async fn mirror(context: &Context, event: &RobotEvent, day: BusinessDate) {
    if let Some(robot_code) = event.robot_code() {
        capacity::refresh_code(context, day, robot_code).await;
    }
    if let RobotEvent::PrivateMessage(message) = event {
        tracking::refresh_activity(context, day, message.user_code.as_str()).await;
    }
}

/// Handles a message and writes its outcome. What a handler that failed did is undone; the row stays ours meanwhile.
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
    let outcome = if error.transient && (message.attempts as usize) < inbox::RETRY_DELAYS.len() {
        "retried"
    } else {
        "dead"
    };
    tracing::warn!(id = message.id, command = message.command, error = %error.chain(), outcome, "a robot event failed");
    Ok(outcome)
}
