//! What must follow from a committed use case: a row written in the same transaction, delivered at least once by the
//! relay. Rows of one lane go in the order the database wrote them; lanes are independent.
//!
//! `payload` is what anybody may see. Where it has a [`Secret`](super::secret::Secret), the whole lies in `sealed` as well,
//! which only a courier opens.

mod claimed;
mod message;

pub use claimed::{ClaimedMessage, Opened};
pub use message::{Destination, Message, MessageState};

use super::db;
use super::error::Result;
use super::external;
use super::id::new_uuid;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// Writes messages in the caller's transaction, one statement for all.
///
/// # Errors
/// A database error; 1500 when a secret cannot be sealed.
pub async fn push(conn: &impl ConnectionTrait, now: DateTime<Utc>, messages: Vec<Message>) -> Result<()> {
    push_known(conn, now, messages).await.map(|_| ())
}

/// The same; tells the ids they got, in their order, for those who ask what became of them.
pub async fn push_known(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    messages: Vec<Message>,
) -> Result<Vec<Uuid>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = messages.iter().map(|_| new_uuid()).collect();
    let destinations: Vec<String> = messages.iter().map(|m| m.destination.name().to_owned()).collect();
    let (mut topics, mut lanes, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut due, mut sealed) = (Vec::new(), Vec::new());
    for (message, id) in messages.into_iter().zip(&ids) {
        sealed.push(hex::encode(message.sealed_for(*id)?));
        topics.push(message.topic);
        lanes.push(message.lane);
        payloads.push(message.payload.to_string());
        due.push(message.due_at.unwrap_or(now));
    }
    let sql = "INSERT INTO outbox (id, destination, topic, lane, payload, sealed, next_attempt_at, created_at)
               SELECT id, destination, topic, lane, payload::jsonb, decode(nullif(sealed, ''), 'hex'), due_at, $8
               FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                    WITH ORDINALITY AS new (id, destination, topic, lane, payload, sealed, due_at, place)
               ORDER BY place";
    let values = [
        ids.clone().into(),
        destinations.into(),
        topics.into(),
        lanes.into(),
        payloads.into(),
        sealed.into(),
        due.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await?;
    Ok(ids)
}

/// Takes up to `limit` due messages of a destination for `lease`, the oldest of each lane only. A relay that dies leaves
/// them to the next one when the lease has run out, and that one is told.
pub async fn claim(
    conn: &impl ConnectionTrait,
    destination: Destination,
    now: DateTime<Utc>,
    lease: TimeDelta,
    limit: i64,
) -> Result<Vec<ClaimedMessage>> {
    let sql = "UPDATE outbox AS message SET attempts = attempts + 1, next_attempt_at = $3, in_flight = true
               FROM (
                   SELECT id, in_flight FROM outbox AS due
                   WHERE destination = $1 AND state = 'pending' AND next_attempt_at <= $2
                     AND NOT EXISTS (SELECT FROM outbox AS earlier
                                     WHERE earlier.lane = due.lane AND earlier.state = 'pending' AND earlier.seq < due.seq)
                   ORDER BY next_attempt_at, seq LIMIT $4 FOR UPDATE SKIP LOCKED) AS due
               WHERE message.id = due.id
               RETURNING message.id, message.seq, topic, lane, payload, sealed, attempts, created_at,
                         due.in_flight AS cut_off";
    let mut claimed: Vec<ClaimedMessage> = db::fetch_all(
        conn,
        sql,
        [destination.into(), now.into(), (now + lease).into(), limit.into()],
    )
    .await?;
    claimed.sort_by_key(|message| message.seq);
    Ok(claimed)
}

/// These have arrived.
pub async fn delivered(conn: &impl ConnectionTrait, ids: Vec<Uuid>, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "UPDATE outbox SET state = 'delivered', delivered_at = $2, last_error = NULL WHERE id = ANY($1)";
    db::execute(conn, sql, [ids.into(), now.into()]).await.map(|_| ())
}

/// This one is over without being known to have arrived: `unknown` (may have, must not be repeated) or `failed`.
pub async fn ended(
    conn: &impl ConnectionTrait,
    id: Uuid,
    state: Ending,
    error: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE outbox SET state = $2, last_error = $3, delivered_at = $4 WHERE id = $1";
    db::execute(
        conn,
        sql,
        [
            id.into(),
            MessageState::from(state).into(),
            external::reason(error).into(),
            now.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Gives up what waits for a destination under one of these topics with a payload that contains `payload`, except what
/// is on its way. Tells how many messages that were.
pub async fn give_up(
    conn: &impl ConnectionTrait,
    destination: Destination,
    topics: &[&str],
    payload: serde_json::Value,
    error: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
    let sql = "UPDATE outbox SET state = 'failed', last_error = $4, delivered_at = $5
               WHERE destination = $1 AND state = 'pending' AND NOT in_flight AND topic = ANY($2) AND payload @> $3";
    let values = [
        destination.into(),
        topics.into(),
        payload.into(),
        error.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await
}

/// These did not arrive and are tried again at `at`.
pub async fn postponed(
    conn: &impl ConnectionTrait,
    ids: Vec<Uuid>,
    error: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE outbox SET next_attempt_at = $3, last_error = $2, in_flight = false WHERE id = ANY($1) AND state = 'pending'";
    db::execute(conn, sql, [ids.into(), external::reason(error).into(), at.into()])
        .await
        .map(|_| ())
}

/// How a message can end other than by delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The partner refused it for good.
    Failed,
    /// Nobody knows whether it arrived, and repeating it could do it twice.
    Unknown,
}

impl From<Ending> for MessageState {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Failed => MessageState::Failed,
            Ending::Unknown => MessageState::Unknown,
        }
    }
}

/// Seconds to wait before try `attempts + 1`: 1, 2, 4 … up to 5 minutes. Delivery is never given up.
pub fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(
        1_i64
            .checked_shl(attempts.clamp(1, 16) as u32 - 1)
            .unwrap_or(300)
            .min(300),
    )
}

/// Messages waiting and the age of the oldest in seconds, for metrics.
pub async fn backlog(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Backlog>> {
    let sql = "SELECT destination, count(*) AS waiting,
                      extract(epoch FROM $1 - min(created_at))::bigint AS oldest_seconds
               FROM outbox WHERE state = 'pending' GROUP BY destination";
    db::fetch_all(conn, sql, [now.into()]).await
}

/// What waits for one destination.
#[derive(Debug, FromQueryResult)]
pub struct Backlog {
    /// Which.
    pub destination: Destination,
    /// Messages waiting.
    pub waiting: i64,
    /// Age of the oldest.
    pub oldest_seconds: i64,
}

/// What waits for a destination, and what did not arrive there.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, poem_openapi::Object)]
#[oai(rename = "OutboxQueue")]
pub struct Queue {
    /// Where the messages go.
    pub destination: Destination,
    /// Messages waiting.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest_at: Option<DateTime<Utc>>,
    /// Messages that were refused for good and that nobody has sent again.
    pub failed: i64,
    /// Messages of which nobody knows whether they arrived, and that nobody has sent again.
    pub unknown: i64,
}

/// The queue of every destination, in their order.
pub async fn queues(conn: &impl ConnectionTrait) -> Result<Vec<Queue>> {
    // Each state by itself: both have an index of their own.
    let sql = "SELECT place.destination, coalesce(waiting.count, 0) AS waiting, waiting.oldest_at,
                      coalesce(over.failed, 0) AS failed, coalesce(over.unknown, 0) AS unknown
               FROM unnest($1::text[]) WITH ORDINALITY AS place (destination, number)
               LEFT JOIN (SELECT destination, count(*), min(created_at) AS oldest_at FROM outbox
                          WHERE state = 'pending' GROUP BY destination) AS waiting USING (destination)
               LEFT JOIN (SELECT destination, count(*) FILTER (WHERE state = 'failed') AS failed,
                                 count(*) FILTER (WHERE state = 'unknown') AS unknown FROM outbox
                          WHERE state IN ('failed', 'unknown') GROUP BY destination) AS over USING (destination)
               ORDER BY place.number";
    let destinations = Destination::ALL.map(|destination| destination.name().to_owned());
    db::fetch_all(conn, sql, [destinations.to_vec().into()]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_five_minutes() {
        let seconds: Vec<i64> = (1..=12).map(|attempts| backoff(attempts).num_seconds()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    }
}
