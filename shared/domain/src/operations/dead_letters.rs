//! What operators do about dead messages of the inbox.

use super::repo::dead_letters;
pub use super::repo::dead_letters::{DeadLetter, DeadLetterColumn, DeadLetterFilter, list};
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::error::Result;
use kernel::id::OperatorId;

/// Puts dead messages back in line. Tells which were dead; the others are left alone.
///
/// # Errors
/// 1403 naming `ids`.
pub async fn replay(context: &Context, operator: OperatorId, ids: Vec<i64>) -> Result<Vec<i64>> {
    check_count("ids", ids.len())?;
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let replayed = dead_letters::replay(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": replayed });
    audit::record(&txn, operator, "replay_dead_letters", "inbox", detail, now).await?;
    txn.commit().await?;
    Ok(replayed)
}

/// Gives dead messages up. Tells which were dead; the others are left alone.
///
/// # Errors
/// As [`replay`].
pub async fn discard(context: &Context, operator: OperatorId, ids: Vec<i64>) -> Result<Vec<i64>> {
    check_count("ids", ids.len())?;
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let discarded = dead_letters::discard(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": discarded });
    audit::record(&txn, operator, "discard_dead_letters", "inbox", detail, now).await?;
    txn.commit().await?;
    Ok(discarded)
}
