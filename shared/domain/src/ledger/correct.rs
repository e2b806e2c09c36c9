//! Corrections that operators book: money between a wallet and an account of the house, where the books and the world
//! differ and no posting can be taken back. Above the amount that withdrawals need two operators for, a correction
//! waits until another operator agrees.

use super::model::{LARGEST_WALLET, Posting};
use super::post;
use super::repo::corrections::{self as rows, Correction, CorrectionState, NewCorrection};
use super::repo::wallets;
use chrono::{DateTime, SubsecRound, Utc};
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{CorrectionId, OperatorId};
use kernel::idempotency::IdempotencyKey;
use kernel::money::Money;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

/// One correction.
///
/// # Errors
/// 1404 when there is none.
pub async fn correction(context: &Context, id: CorrectionId) -> Result<Correction> {
    rows::by_id(context.db.read(), id).await
}

kernel::named! {
    /// What an operator says to a correction.
    pub enum CorrectionDecision {
        /// Book it.
        Agree = "agree",
        /// Forget it.
        Drop = "drop",
    }
}

/// Books a correction, or keeps it until another operator agrees. The same key with the same correction gets the first
/// answer.
///
/// # Errors
/// 1403 naming the field or the key; 1404 without a wallet; 3002 when the wallet has not that much.
pub async fn propose_correction(
    context: &Context,
    operator: OperatorId,
    new: NewCorrection,
    idempotency_header: Option<&str>,
) -> Result<Correction> {
    let key = IdempotencyKey::new(format!("correction:{operator}"), idempotency_header, &new)?;
    if let Some(answer) = key.first_answer(context.db.read()).await? {
        return Ok(answer);
    }
    check(&new)?;
    let txn = context.db.begin().await?;
    wallets::lock_wallet(&txn, new.user).await?;
    // Whoever held the wallet may have come with the same key.
    if let Some(answer) = key.first_answer(&txn).await? {
        return Ok(answer);
    }
    // The table keeps microseconds, and the answer must read the same from there.
    let now = context.clock.shared_now(&txn).await?.trunc_subsecs(6);
    let id = CorrectionId::new();
    rows::insert(&txn, id, &new, operator, now).await?;
    note(&txn, operator, "propose_correction", id, &new, now).await?;
    if new.amount.abs() <= context.config.withdrawal.two_operators_above {
        book(&txn, operator, id, now).await?;
    }
    let answer = rows::by_id(&txn, id).await?;
    key.keep(&txn, &answer, now).await?;
    txn.commit().await?;
    Ok(answer)
}

/// Another operator agrees, and the correction is booked; or any operator drops it.
///
/// # Errors
/// 1404 for no such correction; 1409 when it was decided before, or by who proposed it; 3002 when the wallet has not
/// that much.
pub async fn decide_correction(
    context: &Context,
    operator: OperatorId,
    id: CorrectionId,
    decision: CorrectionDecision,
) -> Result<Correction> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let seen = found(rows::find(&txn, id).await?)?;
    wallets::lock_wallet(&txn, seen.user_id).await?;
    let open = found(rows::lock(&txn, id).await?)?;
    if open.state != CorrectionState::Proposed {
        let message = format!("nothing changed: this correction is {}", open.state);
        return Err(Error::new(Code::DuplicateRequest, message));
    }
    match decision {
        CorrectionDecision::Agree if open.proposed_by == operator => {
            let message = "you proposed this correction; another operator must agree";
            return Err(Error::new(Code::DuplicateRequest, message));
        }
        CorrectionDecision::Agree => book(&txn, operator, id, now).await?,
        CorrectionDecision::Drop => {
            rows::decide(&txn, id, CorrectionState::Dropped, operator, None, now).await?
        }
    }
    let answer = rows::by_id(&txn, id).await?;
    let action = match decision {
        CorrectionDecision::Agree => "agree_to_correction",
        CorrectionDecision::Drop => "drop_correction",
    };
    note(&txn, operator, action, id, &answer, now).await?;
    txn.commit().await?;
    Ok(answer)
}

fn found(correction: Option<rows::Open>) -> Result<rows::Open> {
    correction.ok_or_else(|| Error::not_found("correction"))
}

fn check(new: &NewCorrection) -> Result<()> {
    if new.amount == Money::ZERO {
        return Err(Error::params("amount", "must not be 0"));
    }
    if new.amount.abs().decimal() > LARGEST_WALLET {
        let message = format!("must be at most {LARGEST_WALLET} yuan, as much as a wallet may hold");
        return Err(Error::params("amount", message));
    }
    given_reason(&new.reason).map(|_| ())
}

/// Posts it, shows it to the user, and notes who decided.
async fn book(
    txn: &DatabaseTransaction,
    operator: OperatorId,
    id: CorrectionId,
    now: DateTime<Utc>,
) -> Result<()> {
    let asked = found(rows::lock(txn, id).await?)?;
    let posting = Posting::correction(id, asked.user_id, asked.account, asked.amount, &asked.reason);
    let posted = post::correct(txn, &posting, &asked.reason, BusinessDate::of(now), now).await?;
    // The row's lock lets nobody post it a second time.
    let posting = posted.ok_or_else(|| Error::internal("a correction that was posted before"))?;
    rows::decide(txn, id, CorrectionState::Booked, operator, Some(posting), now).await
}

async fn note(
    txn: &DatabaseTransaction,
    operator: OperatorId,
    action: &str,
    id: CorrectionId,
    detail: &impl Serialize,
    now: DateTime<Utc>,
) -> Result<()> {
    let detail = serde_json::to_value(detail)?;
    audit::record(txn, operator, action, &id.to_string(), detail, now).await
}

#[cfg(test)]
mod tests {
    use super::super::model::HouseAccount;
    use super::*;
    use kernel::id::UserId;

    #[test]
    fn what_is_wrong_is_named() {
        let sound = NewCorrection {
            user: UserId::new(),
            account: HouseAccount::Payouts,
            amount: Money::from_fen(-2000),
            reason: "paid before the restore".into(),
        };
        assert!(check(&sound).is_ok());
        let field = |new: NewCorrection| check(&new).unwrap_err().field.unwrap().into_owned();
        let wrong = |change: fn(&mut NewCorrection)| {
            let mut new = sound.clone();
            change(&mut new);
            field(new)
        };
        assert_eq!(wrong(|new| new.amount = Money::ZERO), "amount");
        assert_eq!(wrong(|new| new.reason = " ".into()), "reason");
    }
}
