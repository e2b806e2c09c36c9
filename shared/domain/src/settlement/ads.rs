//! Ad revenue as it comes in: one batch a date, kept whole, settled when its date has ended.

use super::model::RunKind;
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{BatchId, OperatorId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde::Serialize;
use std::collections::HashSet;

/// Revenue of one group, yuan with at most four places.
#[derive(Debug, Clone)]
pub struct Revenue {
    /// The group's code.
    pub group_code: String,
    /// Not negative.
    pub amount: Decimal,
}

impl Revenue {
    /// Reads an amount as it stood in the JSON.
    ///
    /// # Errors
    /// 1403 naming the group whose amount is negative, too long or no number.
    pub fn new(group_code: String, amount: &str) -> Result<Self> {
        let wrong = |why: &str| Error::params(format!("data.{group_code}"), why.to_owned());
        let amount = Decimal::from_str_exact(amount)
            .or_else(|_| Decimal::from_scientific(amount))
            .map_err(|_| wrong("must be an amount in yuan"))?
            .normalize();
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(wrong("must not be negative"));
        }
        if amount.scale() > 4 || amount > Decimal::from(1_000_000_000) {
            return Err(wrong("must have at most four decimal places"));
        }
        Ok(Revenue { group_code, amount })
    }
}

/// What the sender is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct Acceptance {
    /// Groups whose revenue will be paid.
    pub accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    pub unknown: serde_json::Value,
}

/// Takes the batch of a date, once.
///
/// # Errors
/// 1403 for a future date, 1409 with the first answer in `data` when the date has its batch.
pub async fn accept(
    context: &Context,
    settle_date: BusinessDate,
    revenues: Vec<Revenue>,
) -> Result<Acceptance> {
    if settle_date > context.clock.today() {
        return Err(Error::params("settle_date", "is in the future"));
    }
    let txn = context.db.begin().await?;
    let Some(acceptance) = insert(context, &txn, settle_date, Some(0), "partner", revenues).await? else {
        txn.rollback().await?;
        let sql = "SELECT accepted, unknown FROM ad_batches WHERE settle_date = $1 AND batch_no = 0";
        let first: Acceptance = db::fetch_one(context.db.read(), sql, [settle_date.into()]).await?;
        let message = format!("the ads of {settle_date} have been received before");
        return Err(Error::new(Code::DuplicateRequest, message).with_data(serde_json::to_value(first)?));
    };
    txn.commit().await?;
    Ok(acceptance)
}

/// An operator enters a supplementary batch for a date that has its first one.
///
/// # Errors
/// 1403 when the date has no first batch or no reason is given.
pub async fn supplement(
    context: &Context,
    operator: OperatorId,
    settle_date: BusinessDate,
    revenues: Vec<Revenue>,
    reason: &str,
) -> Result<Acceptance> {
    if reason.trim().is_empty() {
        return Err(Error::params("reason", "is required"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = revenues
        .iter()
        .find(|revenue| !seen.insert(revenue.group_code.as_str()))
    {
        let field = format!("data.{}", twice.group_code);
        return Err(Error::params(field, "is named twice"));
    }
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let first = "SELECT true FROM ad_batches WHERE settle_date = $1 AND batch_no = 0 FOR UPDATE";
    if db::fetch_scalar::<bool>(&txn, first, [settle_date.into()])
        .await?
        .is_none()
    {
        return Err(Error::params("settle_date", "has no first batch to supplement"));
    }
    let acceptance = insert(context, &txn, settle_date, None, "operator", revenues)
        .await?
        .ok_or_else(|| Error::internal("a batch number was taken twice"))?;
    let detail = serde_json::json!({ "reason": reason, "acceptance": acceptance });
    audit::record(
        &txn,
        operator,
        "supplement_ads",
        &settle_date.to_string(),
        detail,
        now,
    )
    .await?;
    txn.commit().await?;
    Ok(acceptance)
}

/// Writes a batch; `None` when its number is taken. Without a number it takes the next.
async fn insert(
    context: &Context,
    txn: &DatabaseTransaction,
    settle_date: BusinessDate,
    batch_no: Option<i32>,
    source: &str,
    revenues: Vec<Revenue>,
) -> Result<Option<Acceptance>> {
    // A day can have a million groups.
    db::execute(txn, "SET LOCAL statement_timeout = 0", []).await?;
    let id = BatchId::new();
    let sql = "INSERT INTO ad_batches (id, settle_date, batch_no, source, accepted, unknown, received_at)
               SELECT $1, $2, coalesce($3, (SELECT max(batch_no) + 1 FROM ad_batches WHERE settle_date = $2), 0), $4, 0, '[]', $5
               ON CONFLICT (settle_date, batch_no) DO NOTHING";
    let values = [
        id.into(),
        settle_date.into(),
        batch_no.into(),
        source.into(),
        context.clock.now().into(),
    ];
    if db::execute(txn, sql, values).await? == 0 {
        return Ok(None);
    }
    let (codes, amounts): (Vec<String>, Vec<Decimal>) = revenues
        .into_iter()
        .map(|revenue| (revenue.group_code, revenue.amount))
        .unzip();
    // Of several stays under one code the one counts that was not over by the date; the newest of those.
    let sql = "INSERT INTO ad_revenues (batch_id, group_code, group_id, amount)
               SELECT $1, new.code, stay.id, new.amount
               FROM unnest($2::text[], $3::numeric[]) AS new (code, amount)
               LEFT JOIN LATERAL (
                   SELECT g.id FROM groups AS g
                   WHERE g.code = new.code AND (g.cancelled_at IS NULL OR g.cancelled_at >= $4)
                   ORDER BY g.status = 3, g.bound_at DESC LIMIT 1) AS stay ON true";
    db::execute(
        txn,
        sql,
        [
            id.into(),
            codes.into(),
            amounts.into(),
            settle_date.start().into(),
        ],
    )
    .await?;
    let sql = "UPDATE ad_batches SET (accepted, unknown) = (
                   SELECT count(group_id), coalesce(jsonb_agg(group_code ORDER BY group_code) FILTER (WHERE group_id IS NULL), '[]')
                   FROM ad_revenues WHERE batch_id = $1)
               WHERE id = $1 RETURNING accepted, unknown";
    Ok(Some(db::fetch_one(txn, sql, [id.into()]).await?))
}

/// A batch that waits for its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Waiting {
    /// Its date.
    pub settle_date: BusinessDate,
    /// Its number.
    pub batch_no: i32,
}

/// Batches of ended dates that no run has settled, oldest first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn waiting(conn: &impl ConnectionTrait, today: BusinessDate) -> Result<Vec<Waiting>> {
    let sql = "SELECT b.settle_date, b.batch_no FROM ad_batches AS b
               WHERE b.settle_date < $1 AND NOT EXISTS (
                   SELECT FROM settlement_runs AS r
                   WHERE r.kind = $2 AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no)
               ORDER BY b.settle_date, b.batch_no";
    db::fetch_all(conn, sql, [today.into(), RunKind::Ads.name().into()]).await
}

/// Numbers of the batches of one date.
///
/// # Errors
/// What PostgreSQL says.
pub async fn batches_of(conn: &impl ConnectionTrait, settle_date: BusinessDate) -> Result<Vec<i32>> {
    db::fetch_column(
        conn,
        "SELECT batch_no FROM ad_batches WHERE settle_date = $1 ORDER BY 1",
        [settle_date.into()],
    )
    .await
}
