//! The payout switch.

use crate::withdrawal::entity::payout_switch::{Entity, Model as Switch};
use crate::withdrawal::model::State;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

pub(in super::super) async fn read(conn: &impl ConnectionTrait) -> Result<Switch> {
    let row = Entity::find().one(conn).await?;
    row.ok_or_else(|| Error::internal("the payout switch is gone"))
}

/// Turns it; false when it stood so. Without an operator the system did it.
pub(in super::super) async fn set_paused(
    conn: &impl ConnectionTrait,
    paused: bool,
    reason: &str,
    operator: Option<OperatorId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE payout_switch SET paused = $1, reason = $2, changed_at = $4,
                      changed_by = coalesce((SELECT name FROM operators WHERE id = $3), 'system')
               WHERE paused <> $1";
    let rows = db::execute(
        conn,
        sql,
        [paused.into(), reason.into(), operator.into(), now.into()],
    )
    .await?;
    Ok(rows == 1)
}

/// How the last payouts ended.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Endings {
    pub finished: i64,
    pub failed: i64,
}

/// The endings of the newest `sample` payouts since `since`.
pub(in super::super) async fn endings(
    conn: &impl ConnectionTrait,
    since: Option<DateTime<Utc>>,
    sample: u32,
) -> Result<Endings> {
    // Written out, not bound: the index of ended payouts is a partial one.
    let (paid, failed) = (State::Paid, State::Failed);
    let sql = format!(
        "SELECT count(*) AS finished, count(*) FILTER (WHERE state = '{failed}') AS failed FROM (
                   SELECT state FROM withdrawals
                   WHERE state IN ('{paid}', '{failed}') AND finished_at > coalesce($1, '-infinity'::timestamptz)
                   ORDER BY finished_at DESC LIMIT $2) AS newest"
    );
    db::fetch_one(conn, &sql, [since.into(), i64::from(sample).into()]).await
}
