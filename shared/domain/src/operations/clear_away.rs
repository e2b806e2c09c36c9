//! What has been delivered or handled, and is old, goes.

use super::repo::clearing;
use chrono::TimeDelta;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::partitions;
use serde::Serialize;

/// How long it may still be looked at. Links live for a week at most, so their uses may go by then too.
const KEPT: TimeDelta = TimeDelta::days(7);

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
/// A database error; what was cleared away until then stays so.
pub async fn clear_away(context: &Context) -> Result<Cleared> {
    let conn = context.db.autocommit();
    // Not this machine's: what goes because a clock is ahead does not come back.
    let now = context.clock.shared_now(conn).await?;
    let before = now - KEPT;
    Ok(Cleared {
        outbox_pruned: clearing::outbox(conn, before).await?,
        inbox_pruned: clearing::inbox(conn, before).await?,
        link_uses_pruned: clearing::link_uses(conn, before).await?,
        archived: partitions::archive(&context.db, BusinessDate::of(now)).await?,
    })
}
