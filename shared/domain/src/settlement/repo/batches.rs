//! Queries of ads batches.

use super::stays;
use crate::settlement::model::{Revenue, RunKind};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{BatchId, OperatorId, RunId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A batch to be written.
pub(in crate::settlement) struct NewBatch {
    pub settle_date: BusinessDate,
    /// The operator who enters it; none for the partner's.
    pub entered_by: Option<OperatorId>,
    /// Of all its revenues.
    pub total: Decimal,
    pub revenues: Vec<Revenue>,
}

/// A batch as it was written.
#[derive(FromQueryResult)]
pub(in crate::settlement) struct Written {
    pub id: BatchId,
    pub batch_no: i32,
    pub accepted: i32,
    pub unknown: serde_json::Value,
}

/// Writes a batch under the date's next number. The caller holds the date.
pub(in crate::settlement) async fn insert(
    conn: &impl ConnectionTrait,
    new: NewBatch,
    now: DateTime<Utc>,
) -> Result<Written> {
    // A day can have a million groups.
    db::execute(conn, "SET LOCAL statement_timeout = 0", []).await?;
    let id = BatchId::new();
    let sql = "INSERT INTO ad_batches (id, settle_date, batch_no, source, accepted, unknown, received_at, entered_by, total, stay_rule)
               SELECT $1, $2, coalesce(max(batch_no) + 1, 0), $3, 0, '[]', $4, $5, $6, $7 FROM ad_batches WHERE settle_date = $2";
    let values = [
        id.into(),
        new.settle_date.into(),
        new.entered_by.map_or("partner", |_| "operator").into(),
        now.into(),
        new.entered_by.into(),
        new.total.into(),
        stays::RULE.into(),
    ];
    db::execute(conn, sql, values).await?;
    let (codes, amounts): (Vec<String>, Vec<Decimal>) = new
        .revenues
        .into_iter()
        .map(|revenue| (revenue.group_code, revenue.amount))
        .unzip();
    let holder = stays::holder("new.code", "$4", "$5");
    let sql = format!(
        "INSERT INTO ad_revenues (batch_id, group_code, group_id, amount)
         SELECT $1, new.code, stay.id, new.amount
         FROM unnest($2::text[], $3::numeric[]) AS new (code, amount)
         LEFT JOIN LATERAL ({holder}) AS stay ON true"
    );
    let (start, end) = (new.settle_date.start(), new.settle_date.plus_days(1).start());
    let values = [id.into(), codes.into(), amounts.into(), start.into(), end.into()];
    db::execute(conn, &sql, values).await?;
    let sql = "UPDATE ad_batches SET (accepted, unknown, revenue) = (
                   SELECT count(group_id), coalesce(jsonb_agg(group_code ORDER BY group_code) FILTER (WHERE group_id IS NULL), '[]'),
                          coalesce(sum(amount) FILTER (WHERE group_id IS NOT NULL), 0)
                   FROM ad_revenues WHERE batch_id = $1)
               WHERE id = $1 RETURNING id, batch_no, accepted, unknown";
    db::fetch_one(conn, sql, [id.into()]).await
}

/// The partner's batch of a date, unless it was voided.
pub(in crate::settlement) async fn of_partner(
    conn: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Option<Written>> {
    let sql = "SELECT id, batch_no, accepted, unknown FROM ad_batches
               WHERE settle_date = $1 AND source = 'partner' AND voided_at IS NULL";
    db::fetch_optional(conn, sql, [date.into()]).await
}

/// A batch under a lock, and the run that settled it.
#[derive(FromQueryResult)]
pub(in crate::settlement) struct BatchState {
    pub settle_date: BusinessDate,
    pub batch_no: i32,
    pub voided: bool,
    pub run: Option<RunId>,
}

/// How a batch stands; it is locked until the transaction ends, so that no run begins on it.
pub(in crate::settlement) async fn lock(
    conn: &impl ConnectionTrait,
    id: BatchId,
) -> Result<Option<BatchState>> {
    let lock = "SELECT true FROM ad_batches WHERE id = $1 FOR UPDATE";
    if db::fetch_scalar::<bool>(conn, lock, [id.into()]).await?.is_none() {
        return Ok(None);
    }
    // A statement of its own: it sees the run of whoever held the batch until now.
    let sql = "SELECT b.settle_date, b.batch_no, b.voided_at IS NOT NULL AS voided, r.id AS run
               FROM ad_batches AS b LEFT JOIN settlement_runs AS r
                   ON r.kind = $2 AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no
               WHERE b.id = $1";
    db::fetch_optional(conn, sql, [id.into(), RunKind::Ads.into()]).await
}

pub(in crate::settlement) async fn date_of(
    conn: &impl ConnectionTrait,
    id: BatchId,
) -> Result<Option<BusinessDate>> {
    db::fetch_scalar(
        conn,
        "SELECT settle_date FROM ad_batches WHERE id = $1",
        [id.into()],
    )
    .await
}

pub(in crate::settlement) async fn void(
    conn: &impl ConnectionTrait,
    id: BatchId,
    operator: OperatorId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE ad_batches SET voided_at = $4, voided_by = $2, void_reason = $3 WHERE id = $1";
    let values = [id.into(), operator.into(), reason.into(), now.into()];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// The batch of a run that is taken back no longer counts, so that the right one can come in.
pub(in crate::settlement) async fn void_after_reversal(
    conn: &impl ConnectionTrait,
    run: RunId,
    operator: OperatorId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE ad_batches AS b SET voided_at = $4, voided_by = $2, void_reason = $3
               FROM settlement_runs AS r
               WHERE r.id = $1 AND b.settle_date = r.settle_date AND b.batch_no = r.batch_no AND b.voided_at IS NULL";
    let values = [run.into(), operator.into(), reason.into(), now.into()];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// A batch that waits for its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct WaitingBatch {
    /// Its date.
    pub settle_date: BusinessDate,
    /// Its number.
    pub batch_no: i32,
}

/// Batches of ended dates that no run has settled, oldest first.
pub async fn waiting(conn: &impl ConnectionTrait, today: BusinessDate) -> Result<Vec<WaitingBatch>> {
    let sql = "SELECT b.settle_date, b.batch_no FROM ad_batches AS b
               WHERE b.settle_date < $1 AND b.voided_at IS NULL AND NOT EXISTS (
                   SELECT FROM settlement_runs AS r
                   WHERE r.kind = $2 AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no)
               ORDER BY b.settle_date, b.batch_no";
    db::fetch_all(conn, sql, [today.into(), RunKind::Ads.into()]).await
}

/// Numbers of the batches of one date that count.
pub async fn batches_of(conn: &impl ConnectionTrait, settle_date: BusinessDate) -> Result<Vec<i32>> {
    let sql = "SELECT batch_no FROM ad_batches WHERE settle_date = $1 AND voided_at IS NULL ORDER BY 1";
    db::fetch_column(conn, sql, [settle_date.into()]).await
}
