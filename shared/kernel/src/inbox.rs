//! Messages that came in, one row each: received once, handled once, kept with their outcome.
//!
//! A message is acknowledged to the broker when its row has committed. Handling is a transaction of its own that also
//! marks the row done. Rows of one lane are handled in the order of arrival.

mod arrival;

pub use arrival::{Arrival, KEPT_OF_REFUSED, LARGEST_BODY, cut_short, key_of_bytes, too_large};

use super::db;
use super::error::{Error, Result};
use super::external;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Waits between the tries of one message; after the last it is dead.
pub const RETRY_DELAYS: [TimeDelta; 5] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::hours(1),
];

crate::named! {
    /// What became of a message that came in.
    pub enum InboxState {
        /// It waits for its turn.
        Pending = "pending",
        /// It was handled.
        Done = "done",
        /// It could not be handled; an operator decides.
        Dead = "dead",
        /// An operator gave it up.
        Discarded = "discarded",
    }
}

/// A message to handle.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Received {
    /// Order of arrival.
    pub id: i64,
    /// The chat network it came by.
    pub network: String,
    /// The command.
    pub command: String,
    /// Its bytes, or the first of them.
    pub body: Vec<u8>,
    /// How many bytes it had, where only the first are kept: it cannot be handled.
    pub full_size: Option<i64>,
    /// Failed tries so far.
    pub attempts: i32,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// Writes what arrived by a chat network; what is here already is left as it is. Tells how many messages were new.
pub async fn receive(
    conn: &impl ConnectionTrait,
    network: &str,
    arrivals: Vec<Arrival>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let (mut keys, mut commands) = (Vec::new(), Vec::new());
    let (mut lanes, mut bodies, mut sizes, mut complaints) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for arrival in arrivals {
        keys.push(arrival.message_key);
        commands.push(arrival.command);
        lanes.push(arrival.lane);
        bodies.push(arrival.body);
        sizes.push(arrival.full_size.map_or(0, |size| size as i64));
        complaints.push(external::reason(&arrival.malformed.unwrap_or_default()));
    }
    let sql =
        "INSERT INTO inbox_messages (network, message_key, command, lane, body, full_size, state, outcome,
                                           next_attempt_at, received_at, finished_at)
               SELECT $1, message_key, command, lane, body, nullif(full_size, 0),
                      CASE complaint WHEN '' THEN 'pending' ELSE 'dead' END, nullif(complaint, ''), $8, $8,
                      CASE WHEN complaint <> '' THEN $8 END
               FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[])
                    WITH ORDINALITY AS new (message_key, command, lane, body, full_size, complaint, place)
               ORDER BY place
               ON CONFLICT (message_key) DO NOTHING";
    let values = [
        network.into(),
        keys.into(),
        commands.into(),
        lanes.into(),
        bodies.into(),
        sizes.into(),
        complaints.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await
}

/// Locks the oldest due message whose lane has nothing older open. Handle it in the same transaction.
pub async fn next(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Option<Received>> {
    let sql = "SELECT id, network, command, body, full_size, attempts, received_at FROM inbox_messages AS due
               WHERE state = 'pending' AND next_attempt_at <= $1
                 AND NOT EXISTS (SELECT FROM inbox_messages AS earlier
                                 WHERE earlier.lane = due.lane AND earlier.state = 'pending' AND earlier.id < due.id)
               ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED";
    db::fetch_optional(conn, sql, [now.into()]).await
}

/// It has been handled; `outcome` tells in a few words what came of it.
pub async fn done(conn: &impl ConnectionTrait, id: i64, outcome: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE inbox_messages SET state = 'done', outcome = $2, finished_at = $3 WHERE id = $1";
    db::execute(conn, sql, [id.into(), outcome.into(), now.into()])
        .await
        .map(|_| ())
}

/// It could not be handled: tried again later, or dead when that is no use or the tries are used up.
pub async fn failed(
    conn: &impl ConnectionTrait,
    message: &Received,
    error: &Error,
    now: DateTime<Utc>,
) -> Result<()> {
    let delay = RETRY_DELAYS
        .get(message.attempts.max(0) as usize)
        .filter(|_| error.transient);
    let sql = "UPDATE inbox_messages SET attempts = attempts + 1, outcome = $2,
                      state = CASE WHEN $3::timestamptz IS NULL THEN 'dead' ELSE 'pending' END,
                      next_attempt_at = coalesce($3, next_attempt_at),
                      finished_at = CASE WHEN $3::timestamptz IS NULL THEN $4 END
               WHERE id = $1 AND state = 'pending'";
    let next: Option<DateTime<Utc>> = delay.map(|delay| now + *delay);
    db::execute(
        conn,
        sql,
        [
            message.id.into(),
            external::reason(&error.chain()).into(),
            next.into(),
            now.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// How many messages wait, and how many are dead; for metrics.
#[derive(Debug, FromQueryResult)]
pub struct Backlog {
    /// To be handled.
    pub waiting: i64,
    /// For a person to look at.
    pub dead: i64,
}

/// Counts them.
pub async fn backlog(conn: &impl ConnectionTrait) -> Result<Backlog> {
    let sql = "SELECT (SELECT count(*) FROM inbox_messages WHERE state = 'pending') AS waiting,
                      (SELECT count(*) FROM inbox_messages WHERE state = 'dead') AS dead";
    db::fetch_one(conn, sql, []).await
}

/// What came in and is not handled.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, poem_openapi::Object)]
#[oai(rename = "InboxQueue")]
pub struct Queue {
    /// Messages to be handled.
    pub waiting: i64,
    /// When the oldest of them arrived.
    pub oldest_at: Option<DateTime<Utc>>,
    /// Dead letters.
    pub dead: i64,
    /// When the oldest of them arrived.
    pub oldest_dead_at: Option<DateTime<Utc>>,
}

/// The queue.
pub async fn queue(conn: &impl ConnectionTrait) -> Result<Queue> {
    let sql = "SELECT waiting.count AS waiting, waiting.oldest_at, dead.count AS dead, dead.oldest_at AS oldest_dead_at
               FROM (SELECT count(*), min(received_at) AS oldest_at FROM inbox_messages WHERE state = 'pending') AS waiting,
                    (SELECT count(*), min(received_at) AS oldest_at FROM inbox_messages WHERE state = 'dead') AS dead";
    db::fetch_one(conn, sql, []).await
}
