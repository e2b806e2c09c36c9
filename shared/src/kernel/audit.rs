//! Who did what in the console: one row per deed, in the deed's transaction.

use super::db;
use super::error::Result;
use super::id::{OperatorId, new_uuid};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

/// Records a deed.
///
/// # Errors
/// What PostgreSQL says.
pub async fn record(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO audit_entries (id, operator_id, action, subject, detail, at) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        new_uuid().into(),
        operator.into(),
        action.into(),
        subject.into(),
        detail.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}
