//! One worker a destination: claim, carry, record, and again.

use super::courier::{Courier, DeliveryResult};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::db;
use kernel::error::Result;
use kernel::outbox::{self, ClaimedMessage, Ending};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a claimed message is ours. Longer than any courier takes for a batch.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Pause when there is nothing to do.
const IDLE: Duration = Duration::from_millis(200);
/// Longest pause while something is away.
const LONGEST: Duration = Duration::from_secs(5);
/// How often recording is tried before the messages are left to their lease.
const RECORD_TRIES: u32 = 50;
/// Why a message is not carried again.
const CUT_OFF: &str = "the try before was cut off; it may have arrived";

/// What one round did.
struct Round {
    /// Whether more may be waiting.
    full: bool,
    /// Messages that found their end.
    ended: usize,
}

/// Keeps a worker at it until told to stop. A courier that panics is replaced.
pub(super) async fn supervise(
    context: Context,
    hire: impl Fn() -> Box<dyn Courier>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let worker = tokio::spawn(work(context.clone(), hire(), stop.clone()));
        if let Err(error) = worker.await {
            metrics::counter!("gpet_outbox_worker_panics_total").increment(1);
            tracing::error!(%error, "a relay worker broke down and is replaced");
            sleep(LONGEST).await;
        }
    }
}

async fn work(context: Context, mut courier: Box<dyn Courier>, stop: CancellationToken) {
    let mut trouble_pause = IDLE;
    while !stop.is_cancelled() {
        // A round is never cut short: what was claimed is carried and recorded.
        let pause = match round(&context, courier.as_mut()).await {
            Ok(round) => {
                trouble_pause = IDLE;
                if round.full { Duration::ZERO } else { IDLE }
            }
            Err(error) => {
                let destination = courier.destination().name();
                metrics::counter!("gpet_outbox_troubles_total", "destination" => destination).increment(1);
                tracing::warn!(
                    destination,
                    error = error.chain(),
                    "the outbox cannot be delivered for now"
                );
                trouble_pause = (trouble_pause * 2).min(LONGEST);
                trouble_pause
            }
        };
        if !pause.is_zero() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => {}
            }
        }
    }
}

/// Rounds until one ends nothing. Tells how many messages found their end.
pub(super) async fn empty(context: &Context, courier: &mut dyn Courier) -> Result<usize> {
    let mut total = 0;
    loop {
        let round = round(context, courier).await?;
        total += round.ended;
        if round.ended == 0 {
            return Ok(total);
        }
    }
}

async fn round(context: &Context, courier: &mut dyn Courier) -> Result<Round> {
    courier.ready().await?;
    let (destination, limit) = (courier.destination(), courier.batch());
    let now = context.clock.shared_now(context.db.read()).await?;
    let claimed = outbox::claim(context.db.autocommit(), destination, now, LEASE, limit).await?;
    if claimed.is_empty() {
        return Ok(Round {
            full: false,
            ended: 0,
        });
    }
    let results = carry(courier, &claimed).await;
    for tries in 1.. {
        match record(context, courier, &claimed, &results).await {
            Ok(()) => break,
            // What has been carried must not be carried twice for want of a note, so this is tried for a while.
            Err(error) if error.transient && tries < RECORD_TRIES => sleep(IDLE).await,
            Err(error) => return Err(error),
        }
    }
    count(courier, &results);
    Ok(Round {
        full: claimed.len() as i64 == limit,
        ended: results
            .iter()
            .filter(|result| !matches!(result, DeliveryResult::Again(..)))
            .count(),
    })
}

/// Carries what may be carried. What a worker that died had in its hands may have arrived; where a second copy would be
/// seen it is left to a person.
async fn carry(courier: &mut dyn Courier, claimed: &[ClaimedMessage]) -> Vec<DeliveryResult> {
    let lost = |message: &&ClaimedMessage| message.cut_off && !courier.repeatable(message);
    let fresh: Vec<ClaimedMessage> = (claimed.iter())
        .filter(|message| !lost(message))
        .cloned()
        .collect();
    let carried = match fresh.is_empty() {
        true => Vec::new(),
        false => courier.carry(&fresh).await,
    };
    let mut results: HashMap<Uuid, DeliveryResult> =
        fresh.iter().map(|message| message.id).zip(carried).collect();
    let perhaps = || DeliveryResult::Ended(Ending::Unknown, CUT_OFF.to_owned());
    let result = |message: &ClaimedMessage| results.remove(&message.id).unwrap_or_else(perhaps);
    claimed.iter().map(result).collect()
}

/// Notes every result. Doing it again changes nothing.
async fn record(
    context: &Context,
    courier: &dyn Courier,
    claimed: &[ClaimedMessage],
    results: &[DeliveryResult],
) -> Result<()> {
    let now = context.clock.shared_now(context.db.read()).await?;
    let mut delivered: Vec<&ClaimedMessage> = Vec::new();
    let mut again: HashMap<(TimeDelta, &str), Vec<Uuid>> = HashMap::new();
    let mut ended = Vec::new();
    for (message, result) in claimed.iter().zip(results) {
        match result {
            DeliveryResult::Delivered => delivered.push(message),
            DeliveryResult::Again(wait, why) => again.entry((*wait, why)).or_default().push(message.id),
            DeliveryResult::Ended(ending, words) => ended.push((message, *ending, words.as_str())),
        }
    }
    if !delivered.is_empty() {
        let conn = context.db.begin().await?;
        courier.arrived(&conn, &delivered).await?;
        outbox::delivered(&conn, delivered.iter().map(|message| message.id).collect(), now).await?;
        conn.commit().await?;
    }
    for ((wait, why), ids) in again {
        outbox::postponed(context.db.autocommit(), ids, why, now + wait).await?;
    }
    for (message, ending, words) in ended {
        end(context, courier, message, (ending, words), now).await?;
    }
    Ok(())
}

/// Notes an end together with what follows from it; not a second time.
async fn end(
    context: &Context,
    courier: &dyn Courier,
    message: &ClaimedMessage,
    (ending, words): (Ending, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let open = "SELECT true FROM outbox WHERE id = $1 AND state = 'pending' FOR UPDATE";
    let conn = context.db.begin().await?;
    if db::fetch_scalar::<bool>(&conn, open, [message.id.into()])
        .await?
        .is_some()
    {
        courier.ended(&conn, message, ending, words).await?;
        outbox::ended(&conn, message.id, ending, words, now).await?;
    }
    conn.commit().await?;
    Ok(())
}

fn count(courier: &dyn Courier, results: &[DeliveryResult]) {
    let destination = courier.destination().name();
    for result in results {
        match result {
            DeliveryResult::Delivered => {
                metrics::counter!("gpet_outbox_delivered_total", "destination" => destination).increment(1);
            }
            DeliveryResult::Again(_, why) => {
                metrics::counter!("gpet_outbox_retries_total", "destination" => destination).increment(1);
                tracing::debug!(destination, why, "a message is tried again later");
            }
            DeliveryResult::Ended(ending, words) => {
                let how = format!("{ending:?}").to_lowercase();
                metrics::counter!("gpet_outbox_undelivered_total", "destination" => destination, "how" => how)
                    .increment(1);
                tracing::warn!(destination, ?ending, words, "a message was not delivered");
            }
        }
    }
}
