//! What must follow from a committed use case: a row written in the same transaction, delivered at least once by the
//! relay. Rows of one lane go in order; lanes are independent.

use super::db;
use super::error::Result;
use super::id::new_uuid;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Our exchange: business and tracking events.
    Event,
    /// A robot transport: commands.
    Robot,
    /// The delivery system.
    Launch,
    /// The SMS provider.
    Sms,
}

impl Destination {
    /// All of them.
    pub const ALL: [Destination; 4] = [
        Destination::Event,
        Destination::Robot,
        Destination::Launch,
        Destination::Sms,
    ];

    /// The name in the table and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Destination::Event => "event",
            Destination::Robot => "robot",
            Destination::Launch => "launch",
            Destination::Sms => "sms",
        }
    }
}

/// A message to deliver.
#[derive(Debug, Clone)]
pub struct Message {
    destination: Destination,
    topic: String,
    lane: String,
    payload: serde_json::Value,
    due_at: Option<DateTime<Utc>>,
}

impl Message {
    /// A message whose place in `lane` matters.
    ///
    /// # Errors
    /// When the payload is no JSON, which is a mistake in the program.
    pub fn new(
        destination: Destination,
        topic: &str,
        lane: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<Self> {
        Ok(Message {
            destination,
            topic: topic.to_owned(),
            lane: lane.into(),
            payload: serde_json::to_value(payload)?,
            due_at: None,
        })
    }

    /// The same, put off until `due_at`. It leaves its lane for one of its own time, which it must not hold up meanwhile.
    pub fn put_off(mut self, due_at: DateTime<Utc>) -> Self {
        self.lane = format!("{}@{}", self.lane, due_at.timestamp());
        self.due_at = Some(due_at);
        self
    }
}

/// A message the relay has taken.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Claimed {
    /// The message id partners see; stable over retries.
    pub id: Uuid,
    /// Routing key or command.
    pub topic: String,
    /// Its lane.
    pub lane: String,
    /// The body.
    pub payload: serde_json::Value,
    /// Tries so far, this one included.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Somebody took it before and never said what became of it: it may have arrived.
    pub cut_off: bool,
}

/// Writes messages in the caller's transaction, one statement for all.
///
/// # Errors
/// What PostgreSQL says.
pub async fn push(conn: &impl ConnectionTrait, now: DateTime<Utc>, messages: Vec<Message>) -> Result<()> {
    push_known(conn, now, messages).await.map(|_| ())
}

/// The same; tells the ids they got, in their order, for those who ask what became of them.
///
/// # Errors
/// What PostgreSQL says.
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
    let (mut topics, mut lanes, mut payloads, mut due) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for message in messages {
        topics.push(message.topic);
        lanes.push(message.lane);
        payloads.push(message.payload.to_string());
        due.push(message.due_at.unwrap_or(now));
    }
    let sql = "INSERT INTO outbox (id, destination, topic, lane, payload, next_attempt_at, created_at)
               SELECT id, destination, topic, lane, payload::jsonb, due_at, $7
               FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
                    AS new (id, destination, topic, lane, payload, due_at)";
    let values = [
        ids.clone().into(),
        destinations.into(),
        topics.into(),
        lanes.into(),
        payloads.into(),
        due.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await?;
    Ok(ids)
}

/// Takes up to `limit` due messages of a destination for `lease`, the oldest of each lane only. A relay that dies leaves
/// them to the next one when the lease has run out, and that one is told.
///
/// # Errors
/// What PostgreSQL says.
pub async fn claim(
    conn: &impl ConnectionTrait,
    destination: Destination,
    now: DateTime<Utc>,
    lease: TimeDelta,
    limit: i64,
) -> Result<Vec<Claimed>> {
    let sql = "UPDATE outbox AS message SET attempts = attempts + 1, next_attempt_at = $3, in_flight = true
               FROM (
                   SELECT id, in_flight FROM outbox AS due
                   WHERE destination = $1 AND state = 'pending' AND next_attempt_at <= $2
                     AND NOT EXISTS (SELECT FROM outbox AS earlier
                                     WHERE earlier.lane = due.lane AND earlier.state = 'pending' AND earlier.id < due.id)
                   ORDER BY next_attempt_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) AS due
               WHERE message.id = due.id
               RETURNING message.id, topic, lane, payload, attempts, created_at, due.in_flight AS cut_off";
    let mut claimed: Vec<Claimed> = db::fetch_all(
        conn,
        sql,
        [
            destination.name().into(),
            now.into(),
            (now + lease).into(),
            limit.into(),
        ],
    )
    .await?;
    claimed.sort_by_key(|message| message.id);
    Ok(claimed)
}

/// These have arrived.
///
/// # Errors
/// What PostgreSQL says.
pub async fn delivered(conn: &impl ConnectionTrait, ids: Vec<Uuid>, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "UPDATE outbox SET state = 'delivered', delivered_at = $2, last_error = NULL WHERE id = ANY($1)";
    db::execute(conn, sql, [ids.into(), now.into()]).await.map(|_| ())
}

/// This one is over without being known to have arrived: `unknown` (may have, must not be repeated) or `failed`.
///
/// # Errors
/// What PostgreSQL says.
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
        [id.into(), state.name().into(), error.into(), now.into()],
    )
    .await
    .map(|_| ())
}

/// Gives up what waits for a destination under one of these topics with a payload that contains `payload`, but for what
/// is on its way. Tells how many messages that were.
///
/// # Errors
/// What PostgreSQL says.
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
        destination.name().into(),
        topics.into(),
        payload.into(),
        error.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await
}

/// These did not arrive and are tried again at `at`.
///
/// # Errors
/// What PostgreSQL says.
pub async fn postponed(
    conn: &impl ConnectionTrait,
    ids: Vec<Uuid>,
    error: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE outbox SET next_attempt_at = $3, last_error = $2, in_flight = false WHERE id = ANY($1) AND state = 'pending'";
    db::execute(conn, sql, [ids.into(), error.into(), at.into()])
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

impl Ending {
    const fn name(self) -> &'static str {
        match self {
            Ending::Failed => "failed",
            Ending::Unknown => "unknown",
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
///
/// # Errors
/// What PostgreSQL says.
pub async fn backlog(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Backlog>> {
    let sql = "SELECT destination, count(*) AS waiting,
                      extract(epoch FROM $1 - min(created_at))::bigint AS oldest_seconds
               FROM outbox WHERE state = 'pending' GROUP BY destination";
    db::fetch_all(conn, sql, [now.into()]).await
}

/// What waits for one destination.
#[derive(Debug, FromQueryResult)]
pub struct Backlog {
    /// Its name.
    pub destination: String,
    /// Messages waiting.
    pub waiting: i64,
    /// Age of the oldest.
    pub oldest_seconds: i64,
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
