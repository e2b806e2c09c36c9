//! The outbox as operators see it, and what they do about messages that did not arrive.

use super::repo::outbox;
pub use super::repo::outbox::{OutboxColumn, OutboxFilter, Sent, list};
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::error::Result;
use kernel::id::{MessageId, OperatorId};

/// Sends messages that failed, or may have, once more. Tells which; all others are left alone.
///
/// # Errors
/// 1403 naming `ids`.
pub async fn retry(context: &Context, operator: OperatorId, ids: &[MessageId]) -> Result<Vec<MessageId>> {
    check_count("ids", ids.len())?;
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let retried = outbox::retry(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": retried });
    audit::record(&txn, operator, "retry_outbox", "outbox", detail, now).await?;
    txn.commit().await?;
    Ok(retried)
}
