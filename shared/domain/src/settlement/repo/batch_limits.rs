//! What bounds a batch by what the database holds.

use crate::ledger::LARGEST_WALLET;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{BatchId, OperatorId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// The most that one batch brings one importer, yuan.
const LARGEST_INCOME: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);
/// Groups named to who would pay them again.
const NAMED: i64 = 100;

/// A group of the batch, as written, whose importer it would bring more than a day's ads can be, or whose money goes to a
/// wallet that is as full as wallets get.
pub(in crate::settlement) async fn beyond_bounds(
    conn: &impl ConnectionTrait,
    batch: BatchId,
) -> Result<Option<String>> {
    let sql = "WITH own AS (
                   SELECT g.user_id, min(r.group_code) AS code, sum(r.amount) AS amount
                   FROM ad_revenues AS r JOIN groups AS g ON g.id = r.group_id WHERE r.batch_id = $1 GROUP BY g.user_id),
               filled AS (SELECT user_id FROM accounts WHERE greatest(available + held, income) > $3),
               below AS (SELECT r.user_id FROM referrals AS r JOIN filled ON r.master_id = filled.user_id),
               touched AS (SELECT user_id FROM filled UNION SELECT user_id FROM below
                           UNION SELECT r.user_id FROM referrals AS r JOIN below ON r.master_id = below.user_id)
               SELECT code FROM own WHERE amount > $2 OR user_id IN (SELECT user_id FROM touched) ORDER BY code LIMIT 1";
    let values = [batch.into(), LARGEST_INCOME.into(), LARGEST_WALLET.into()];
    db::fetch_scalar(conn, sql, values).await
}

/// Operators' batches come one after the other.
pub(in crate::settlement) async fn lock_operator(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
) -> Result<()> {
    let sql = "SELECT FROM operators WHERE id = $1 FOR NO KEY UPDATE";
    db::execute(conn, sql, [operator.into()]).await.map(|_| ())
}

/// Yuan of the batches an operator entered since then. Voided ones count: what is entered, looked at and taken away again
/// all day is what the limit is for.
pub(in crate::settlement) async fn entered_since(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    since: DateTime<Utc>,
) -> Result<Decimal> {
    let sql = "SELECT coalesce(sum(total), 0) FROM ad_batches WHERE entered_by = $1 AND received_at >= $2";
    let sum = db::fetch_scalar(conn, sql, [operator.into(), since.into()]).await?;
    Ok(sum.unwrap_or_default())
}

/// A group that a batch pays again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub(in crate::settlement) struct Repeat {
    pub group_code: String,
    /// The batch that paid it last.
    pub batch_id: BatchId,
    pub batch_no: i32,
    pub amount: Decimal,
    #[serde(skip)]
    pub groups: i64,
    #[serde(skip)]
    pub batches: i64,
}

/// Groups of a batch that others of the date pay too, the first of them.
pub(in crate::settlement) async fn repeated(
    conn: &impl ConnectionTrait,
    batch: BatchId,
    date: BusinessDate,
) -> Result<Vec<Repeat>> {
    let sql = "SELECT group_code, batch_id, batch_no, amount, count(*) OVER () AS groups,
                      (1 + (min(batch_no) OVER () <> max(batch_no) OVER ())::int)::bigint AS batches
               FROM (SELECT DISTINCT ON (new.group_code) new.group_code, b.id AS batch_id, b.batch_no, paid.amount
                     FROM ad_revenues AS new
                     JOIN ad_batches AS b ON b.settle_date = $2 AND b.id <> $1 AND b.voided_at IS NULL
                     JOIN ad_revenues AS paid ON paid.batch_id = b.id AND paid.group_code = new.group_code
                     WHERE new.batch_id = $1 AND new.group_id IS NOT NULL AND new.amount > 0
                       AND paid.group_id IS NOT NULL AND paid.amount > 0
                     ORDER BY new.group_code, b.batch_no DESC) AS last
               ORDER BY group_code LIMIT $3";
    db::fetch_all(conn, sql, [batch.into(), date.into(), NAMED.into()]).await
}
