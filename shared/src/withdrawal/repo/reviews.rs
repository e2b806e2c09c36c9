//! What operators decided.

use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::{OperatorId, WithdrawalId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// One operator's decision.
#[derive(Debug, FromQueryResult, serde::Serialize)]
pub struct ReviewEntry {
    /// Who.
    pub operator: String,
    /// `approve` or `reject`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// When.
    pub reviewed_at: DateTime<Utc>,
}

/// Keeps a decision; false when this operator decided the same before.
pub(in super::super) async fn keep(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
    operator: OperatorId,
    decision: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO withdrawal_reviews AS kept (withdrawal_id, operator_id, decision, reason, reviewed_at)
               VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (withdrawal_id, operator_id) DO UPDATE
                   SET decision = excluded.decision, reason = excluded.reason, reviewed_at = excluded.reviewed_at
                   WHERE kept.decision <> excluded.decision";
    let values = [
        id.into(),
        operator.into(),
        decision.into(),
        reason.into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// How many operators approved.
pub(in super::super) async fn approvals(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<i64> {
    let sql = "SELECT count(*) FROM withdrawal_reviews WHERE withdrawal_id = $1 AND decision = 'approve'";
    Ok(db::fetch_scalar(conn, sql, [id.into()]).await?.unwrap_or(0))
}

/// All decisions about a withdrawal, oldest first.
pub(in super::super) async fn of(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<Vec<ReviewEntry>> {
    let sql = "SELECT operators.name AS operator, decision, reason, reviewed_at
               FROM withdrawal_reviews JOIN operators ON operators.id = operator_id
               WHERE withdrawal_id = $1 ORDER BY reviewed_at, operators.name";
    db::fetch_all(conn, sql, [id.into()]).await
}
