//! Deletes what is old, some rows at a time.

use crate::{delivery, identity};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use sea_orm::ConnectionTrait;

/// Rows a statement deletes, so that none holds locks for long.
const BATCH: i64 = 5000;

/// Deletes messages of the outbox that were delivered before then; how many.
pub(in crate::operations) async fn outbox(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64> {
    let sql = format!(
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox AS message WHERE state = 'delivered' AND delivered_at < $1 AND NOT {}
             ORDER BY delivered_at LIMIT $2)",
        delivery::AWAITS_MESSAGE
    );
    in_batches(conn, &sql, before).await
}

/// Deletes messages of the inbox that were done with before then; how many.
pub(in crate::operations) async fn inbox(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM inbox_messages WHERE id IN (
                     SELECT id FROM inbox_messages WHERE state IN ('done', 'discarded') AND finished_at < $1
                     ORDER BY finished_at LIMIT $2)";
    in_batches(conn, sql, before).await
}

/// Deletes uses of links that can no longer be used; how many.
pub(in crate::operations) async fn link_uses(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64> {
    in_batches(conn, identity::FORGET_LINK_USES, before).await
}

/// `$1` is before when, `$2` how many at once.
async fn in_batches(conn: &impl ConnectionTrait, sql: &str, before: DateTime<Utc>) -> Result<u64> {
    let mut total = 0;
    loop {
        let deleted = db::execute(conn, sql, [before.into(), BATCH.into()]).await?;
        total += deleted;
        if deleted < BATCH as u64 {
            return Ok(total);
        }
    }
}
