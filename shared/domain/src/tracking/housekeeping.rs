//! What has been delivered or handled, and is old, goes.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::db;
use kernel::error::Result;
use sea_orm::ConnectionTrait;

/// How long it may still be looked at.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Rows a statement deletes, so that none holds locks for long.
const BATCH: i64 = 5000;

/// Deletes delivered outbox rows older than seven days and tells how many. What failed stays until somebody looks at it,
/// and what an ad task's result hangs on stays until that is reported.
pub(super) async fn prune_outbox(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM outbox WHERE id IN (
                   SELECT id FROM outbox AS message WHERE state = 'delivered' AND delivered_at < $1
                     AND NOT EXISTS (SELECT FROM delivery_items AS item WHERE item.message_id = message.id)
                   ORDER BY delivered_at LIMIT $2)";
    in_batches(conn, sql, now).await
}

/// Deletes inbox rows that were handled more than seven days ago and tells how many. Dead ones stay.
pub(super) async fn prune_inbox(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM inbox_messages WHERE id IN (
                   SELECT id FROM inbox_messages WHERE state IN ('done', 'discarded') AND finished_at < $1
                   ORDER BY finished_at LIMIT $2)";
    in_batches(conn, sql, now).await
}

/// Deletes uses of links that ran out long ago and tells how many: a link lives for a week at most.
pub(super) async fn prune_link_uses(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM link_token_uses WHERE token_id IN (
                   SELECT token_id FROM link_token_uses WHERE used_at < $1 ORDER BY used_at LIMIT $2)";
    in_batches(conn, sql, now).await
}

async fn in_batches(conn: &impl ConnectionTrait, sql: &str, now: DateTime<Utc>) -> Result<u64> {
    let mut total = 0;
    loop {
        let deleted = db::execute(conn, sql, [(now - KEPT).into(), BATCH.into()]).await?;
        total += deleted;
        if deleted < BATCH as u64 {
            return Ok(total);
        }
    }
}
