//! Lists that operators take away as files: how often, and who took what.

use crate::identity::operator;
use kernel::Context;
use kernel::audit;
use kernel::error::Result;
use kernel::id::OperatorId;
use serde_json::Value;

/// Counts a file that an operator asks for.
///
/// # Errors
/// 1429 when they took as many as a minute may have; 503 when Redis is away.
pub async fn count_export(context: &Context, operator: OperatorId) -> Result<()> {
    operator::count_export(context, operator).await
}

/// Writes down that an operator took a list away, and how it was narrowed down.
pub async fn record_export(context: &Context, operator: OperatorId, list: &str, detail: Value) -> Result<()> {
    let txn = context.db.begin().await?;
    let subject = format!("list:{list}");
    audit::record(&txn, operator, "export", &subject, detail, context.clock.now()).await?;
    Ok(txn.commit().await?)
}
