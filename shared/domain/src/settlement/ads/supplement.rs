//! Supplementary batches: revenue that an operator enters for a date that has its first batch, such as that of groups
//! that were unknown then.

use super::limits;
use crate::settlement::model::{Revenue, sum_of};
use crate::settlement::repo::batch_limits::{self, Repeat};
use crate::settlement::repo::batches::{self as rows, NewBatch, Written};
use chrono::SubsecRound;
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::config::SettlementConfig;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{BatchId, OperatorId};
use kernel::idempotency::IdempotencyKey;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
    let now = context
        .clock
        .shared_now(context.db.read())
        .await?
        .trunc_subsecs(6);
    let today = BusinessDate::of(now);
    limits::date(new.settle_date, today)?;
    let total = checked(&new)?;
    let txn = context.db.begin().await?;
    // One operator's batches come one after the other, and then those of one date.
    batch_limits::lock_operator(&txn, operator).await?;
    Lock::AdsOf(new.settle_date).wait(&txn).await?;
    if let Some(answer) = key.first_answer(&txn).await? {
        return Ok(answer);
    }
    let entered = batch_limits::entered_since(&txn, operator, today.start()).await?;
    alone(&context.config.settlement, total, entered)?;
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
    let repeated = batch_limits::repeated(&txn, batch.id, new.settle_date).await?;
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
    sum_of(&new.revenues)
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
