//! Supplementary batches: revenue that an operator enters for a date that has its first batch, such as that of groups
//! that were unknown then.

use super::limits;
use super::revenue::{self, Revenue};
use super::rows::{self, NewBatch, Written};
use chrono::{DateTime, SubsecRound, Utc};
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::config::SettlementConfig;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{BatchId, OperatorId};
use kernel::idempotency::IdempotencyKey;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

/// Groups named to who would pay them again.
const NAMED: i64 = 100;

/// What an operator enters.
#[derive(Debug, Clone, Serialize)]
pub struct Supplement {
    /// A date that has its first batch.
    pub settle_date: BusinessDate,
    /// Revenue by group.
    pub revenues: Vec<Revenue>,
    /// Why; kept in the audit trail.
    pub reason: String,
    /// The batch that paid some of these groups last, where they are meant to be paid again.
    pub confirm_repeat: Option<BatchId>,
}

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplemented {
    /// The new batch.
    pub id: BatchId,
    /// Its number within the date.
    pub batch_no: i32,
    /// Groups whose revenue will be paid.
    pub accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    pub unknown: serde_json::Value,
}

impl From<Written> for Supplemented {
    fn from(batch: Written) -> Self {
        Supplemented {
            id: batch.id,
            batch_no: batch.batch_no,
            accepted: batch.accepted,
            unknown: batch.unknown,
        }
    }
}

/// Enters a supplementary batch. The same key with the same batch gets the first answer.
///
/// # Errors
/// 1403 for the key, and naming what is wrong: a date without a first batch, no reason, more than one operator may enter
/// alone in a batch or a day. 1409 with the groups and batches in `data` when it would pay groups of the date again and
/// `confirm_repeat` does not name the batch that paid them last.
pub async fn supplement(
    context: &Context,
    operator: OperatorId,
    new: Supplement,
    idempotency_header: Option<&str>,
) -> Result<Supplemented> {
    let key = IdempotencyKey::new(format!("supplement_ads:{operator}"), idempotency_header, &new)?;
    if let Some(answer) = key.first_answer(context.db.read()).await? {
        return Ok(answer);
    }
    limits::date(new.settle_date, context.clock.today())?;
    let total = checked(&new)?;
    let now = context.clock.now().trunc_subsecs(6);
    let txn = context.db.begin().await?;
    // One operator's batches come one after the other, and then those of one date.
    let lock = "SELECT FROM operators WHERE id = $1 FOR NO KEY UPDATE";
    db::execute(&txn, lock, [operator.into()]).await?;
    rows::lock_date(&txn, new.settle_date).await?;
    if let Some(answer) = key.first_answer(&txn).await? {
        return Ok(answer);
    }
    let today = entered_since(&txn, operator, context.clock.today().start()).await?;
    alone(&context.config.settlement, total, today)?;
    if rows::of_partner(&txn, new.settle_date).await?.is_none() {
        return Err(Error::params("settle_date", "has no first batch to supplement"));
    }
    let batch = NewBatch {
        settle_date: new.settle_date,
        entered_by: Some(operator),
        total,
        revenues: new.revenues,
    };
    let batch = rows::insert(&txn, batch, now).await?;
    limits::beneficiaries(&txn, batch.id).await?;
    let repeated = repeated(&txn, batch.id, new.settle_date).await?;
    confirmed(&repeated, new.confirm_repeat)?;
    let answer = Supplemented::from(batch);
    let detail = serde_json::json!({ "reason": new.reason.trim(), "total": total, "repeats": new.confirm_repeat, "batch": answer });
    let subject = new.settle_date.to_string();
    audit::record(&txn, operator, "supplement_ads", &subject, detail, now).await?;
    key.keep(&txn, &answer, now).await?;
    txn.commit().await?;
    Ok(answer)
}

fn checked(new: &Supplement) -> Result<Decimal> {
    given_reason(&new.reason)?;
    if new.revenues.is_empty() {
        return Err(Error::params("data", "names no group"));
    }
    revenue::sum_of(&new.revenues)
}

/// Yuan of the batches an operator entered since then. Voided ones count: what is entered, looked at and taken away again
/// all day is what the limit is for.
async fn entered_since(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    since: DateTime<Utc>,
) -> Result<Decimal> {
    let sql = "SELECT coalesce(sum(total), 0) FROM ad_batches WHERE entered_by = $1 AND received_at >= $2";
    let sum = db::fetch_scalar(conn, sql, [operator.into(), since.into()]).await?;
    Ok(sum.unwrap_or_default())
}

/// Refuses more than one operator may enter alone.
fn alone(limits: &SettlementConfig, total: Decimal, today: Decimal) -> Result<()> {
    let (batch, day) = (limits.supplement_alone, limits.supplement_alone_day);
    if total > batch.decimal() {
        let message = format!("`data` holds {total} yuan; one operator alone may enter {batch} in a batch");
        return Err(Error::params("data", message));
    }
    if today + total > day.decimal() {
        let message = format!(
            "`data` holds {total} yuan and you entered {today} today; one operator alone may enter {day} a day"
        );
        return Err(Error::params("data", message));
    }
    Ok(())
}

/// A group that a batch pays again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
struct Repeat {
    group_code: String,
    /// The batch that paid it last.
    batch_id: BatchId,
    batch_no: i32,
    amount: Decimal,
    #[serde(skip)]
    groups: i64,
    #[serde(skip)]
    batches: i64,
}

/// Groups of a batch that others of the date pay too, the first of them.
async fn repeated(conn: &impl ConnectionTrait, batch: BatchId, date: BusinessDate) -> Result<Vec<Repeat>> {
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

/// Lets groups be paid again only where the operator names the batch that paid them last: who sends a batch twice by
/// mistake, with whatever key, names another.
fn confirmed(repeated: &[Repeat], confirm: Option<BatchId>) -> Result<()> {
    let Some(first) = repeated.first() else {
        let message = "`confirm_repeat` names a batch that paid none of these groups";
        return confirm.map_or(Ok(()), |_| Err(Error::params("confirm_repeat", message)));
    };
    if first.batches == 1 && confirm == Some(first.batch_id) {
        return Ok(());
    }
    let (groups, number) = (first.groups, first.batch_no);
    let message = if first.batches > 1 {
        format!(
            "{groups} groups were paid before, by different batches; enter those of each batch apart, and name it in `confirm_repeat`"
        )
    } else {
        format!(
            "{groups} groups were paid before, last by batch {number}; to pay them again name its id in `confirm_repeat`"
        )
    };
    let data = serde_json::json!({ "field": "confirm_repeat", "groups": groups, "repeats": repeated });
    Err(Error::new(Code::DuplicateRequest, message).with_data(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::money::Money;

    #[test]
    fn one_operator_alone_enters_little() {
        let limits = SettlementConfig {
            supplement_alone: Money::from_fen(20_000),
            supplement_alone_day: Money::from_fen(40_000),
        };
        let ask = |total: &str, today: &str| alone(&limits, total.parse().unwrap(), today.parse().unwrap());
        assert!(ask("200.00", "0").is_ok());
        assert!(ask("200.0001", "0").is_err());
        assert!(ask("200", "200").is_ok());
        assert!(ask("0.0001", "400").is_err());
    }

    #[test]
    fn a_repeat_is_confirmed_by_the_batch_that_paid_last() {
        let paid = |batches: i64| Repeat {
            group_code: "G-1".into(),
            batch_id: BatchId::new(),
            batch_no: 1,
            amount: Decimal::ONE,
            groups: 1,
            batches,
        };
        let (one, many) = (paid(1), paid(2));
        let confirm = Some(one.batch_id);
        assert!(confirmed(&[], None).is_ok());
        assert!(confirmed(&[], confirm).is_err());
        assert!(confirmed(std::slice::from_ref(&one), confirm).is_ok());
        for other in [None, Some(BatchId::new())] {
            let error = confirmed(std::slice::from_ref(&one), other).unwrap_err();
            assert_eq!(error.code, Code::DuplicateRequest);
            assert_eq!(
                error.data.unwrap()["repeats"][0]["batch_id"],
                one.batch_id.to_string()
            );
        }
        assert!(confirmed(std::slice::from_ref(&many), Some(many.batch_id)).is_err());
    }
}
