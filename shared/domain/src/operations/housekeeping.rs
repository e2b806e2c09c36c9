//! What has been delivered or handled, and is old, goes.

use crate::{delivery, identity};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::partitions;
use sea_orm::ConnectionTrait;
use serde::Serialize;

/// How long it may still be looked at. Links live for a week at most, so their uses may go by then too.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Rows a statement deletes, so that none holds locks for long.
const BATCH: i64 = 5000;

/// What was old enough to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleared {
    /// Delivered messages of the outbox.
    pub outbox_pruned: u64,
    /// Handled messages of the inbox.
    pub inbox_pruned: u64,
    /// Uses of links.
    pub link_uses_pruned: u64,
    /// Months of the books that went to the archive.
    pub archived: Vec<BusinessDate>,
}

/// Clears away what the traffic of a week ago left behind. What failed or died stays until somebody looks at it.
///
/// # Errors
/// What PostgreSQL says; what was cleared away until then stays so.
pub async fn clear_away(context: &Context) -> Result<Cleared> {
    let (conn, now) = (context.db.read(), context.clock.now());
    let outbox = format!(
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox AS message WHERE state = 'delivered' AND delivered_at < $1 AND NOT {}
             ORDER BY delivered_at LIMIT $2)",
        delivery::AWAITS_MESSAGE
    );
    let inbox = "DELETE FROM inbox_messages WHERE id IN (
                     SELECT id FROM inbox_messages WHERE state IN ('done', 'discarded') AND finished_at < $1
                     ORDER BY finished_at LIMIT $2)";
    Ok(Cleared {
        outbox_pruned: in_batches(conn, &outbox, now).await?,
        inbox_pruned: in_batches(conn, inbox, now).await?,
        link_uses_pruned: in_batches(conn, identity::FORGET_LINK_USES, now).await?,
        archived: partitions::archive(&context.db, BusinessDate::of(now)).await?,
    })
}

/// `$1` is before when, `$2` how many at once.
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
