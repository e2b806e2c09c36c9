//! What operators do about dead messages of the inbox.

use kernel::bulk::check_count;
use kernel::clock::Clock;
use kernel::db::Database;
use kernel::error::Result;
use kernel::id::OperatorId;
use kernel::{audit, inbox};

/// Puts dead messages back in line. Tells which were dead; the others are left alone.
///
/// # Errors
/// 1403 naming `ids`; what PostgreSQL says.
pub async fn replay(db: &Database, clock: &Clock, operator: OperatorId, ids: Vec<i64>) -> Result<Vec<i64>> {
    check_count("ids", ids.len())?;
    let now = clock.now();
    let txn = db.begin().await?;
    let replayed = inbox::replay(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": replayed });
    audit::record(&txn, operator, "replay_dead_letters", "inbox", detail, now).await?;
    txn.commit().await?;
    Ok(replayed)
}

/// Gives dead messages up. Tells which were dead; the others are left alone.
///
/// # Errors
/// As [`replay`].
pub async fn discard(db: &Database, clock: &Clock, operator: OperatorId, ids: Vec<i64>) -> Result<Vec<i64>> {
    check_count("ids", ids.len())?;
    let now = clock.now();
    let txn = db.begin().await?;
    let discarded = inbox::discard(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": discarded });
    audit::record(&txn, operator, "discard_dead_letters", "inbox", detail, now).await?;
    txn.commit().await?;
    Ok(discarded)
}
