//! What operators decided.

use crate::identity::entity::operator;
use crate::withdrawal::entity::withdrawal_review::{Column, Entity};
use crate::withdrawal::model::Decision;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{OperatorId, WithdrawalId};
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// One operator's decision.
#[derive(Debug, FromQueryResult, serde::Serialize, Object)]
#[oai(rename = "WithdrawalReview")]
pub struct ReviewEntry {
    /// Who: the name they log in with.
    pub operator: String,
    /// Our id of them.
    pub operator_id: OperatorId,
    /// What.
    pub decision: Decision,
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
    decision: Decision,
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
        decision.name().into(),
        reason.into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// How many operators approved.
pub(in super::super) async fn approvals(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<i64> {
    let approvals = Entity::of(id).filter(Column::Decision.eq(Decision::Approve));
    Ok(approvals.count(conn).await? as i64)
}

/// All decisions about a withdrawal, oldest first.
pub(in super::super) async fn of(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<Vec<ReviewEntry>> {
    let decisions = Entity::of(id)
        .inner_join(operator::Entity)
        .column_as(operator::Column::Name, "operator")
        .order_by_asc(Column::ReviewedAt)
        .order_by_asc(operator::Column::Name);
    Ok(decisions.into_model().all(conn).await?)
}
