//! A user asks for money.

use super::announce::announce;
use super::eligibility;
use super::model::State;
use super::refusal::Refusal;
use super::repo::{self, Withdrawal};
use super::view::WithdrawalView;
use crate::ledger::{self, Posting};
use chrono::SubsecRound;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::config::WithdrawalConfig;
use kernel::error::{Error, Result, broken_constraint};
use kernel::id::{UserId, WithdrawalId};
use kernel::idempotency::IdempotencyKey;
use kernel::money::Money;
use sea_orm::DbErr;

/// Requests a withdrawal of `amount` yuan. The money is held from now on. The same key with the same amount gets the
/// first answer, however often and from wherever it comes.
///
/// # Errors
/// 1403 for the key or the amount, 3002 balance, 2001 phone, 3004 blocked, 2002 month's total without ID card, 3003 one
/// today already, 3004 without WeChat login, in this order; 1404 without an account; 503 while a settlement holds the
/// wallet.
pub async fn request(
    context: &Context,
    user: UserId,
    amount: Money,
    idempotency_header: Option<&str>,
) -> Result<WithdrawalView> {
    let key = IdempotencyKey::new(format!("withdrawal:{user}"), idempotency_header, &amount)?;
    if let Some(answer) = key.first_answer(context.db.read()).await? {
        return Ok(answer);
    }
    offered(amount, &context.config.withdrawal)?;
    let txn = context.db.begin().await?;
    let wallet = ledger::lock_wallet(&txn, user).await?;
    // Whoever held the wallet may have come with the same key.
    if let Some(answer) = key.first_answer(&txn).await? {
        txn.rollback().await?;
        return Ok(answer);
    }
    // The table keeps microseconds, and the answer must read the same from there.
    let now = context.clock.shared_now(&txn).await?.trunc_subsecs(6);
    let today = BusinessDate::of(now);
    let (eligibility, open_id) = eligibility::of_user(&txn, user, wallet.available, today).await?;
    let open_id = eligibility.admit(amount, &context.config.withdrawal, open_id)?;
    let id = WithdrawalId::new();
    let withdrawal = Withdrawal {
        id,
        user_id: user,
        amount,
        state: State::Requested,
        bill_no: id.0.simple().to_string(),
        open_id,
        requested_on: today,
        reason: None,
        package_info: None,
        connector: None,
        partner_state: None,
        alert: None,
        attempts: 0,
        next_attempt_at: None,
        approved_at: None,
        submitted_at: None,
        finished_at: None,
        created_at: now,
        updated_at: now,
    };
    repo::insert(&txn, withdrawal.clone()).await.map_err(once_a_day)?;
    let hold = Posting::hold(id, user, amount);
    ledger::post(&txn, &hold, withdrawal.requested_on, now).await?;
    announce(&txn, &withdrawal, now).await?;
    let answer = WithdrawalView::new(withdrawal, &context.config.wxpay);
    key.keep(&txn, &answer, now).await?;
    txn.commit().await?;
    Ok(answer)
}

fn offered(amount: Money, config: &WithdrawalConfig) -> Result<()> {
    if config.amounts.contains(&amount) {
        return Ok(());
    }
    let offered: Vec<String> = config.amounts.iter().map(Money::to_string).collect();
    Err(Error::params(
        "amount",
        format!("`amount` must be one of {}", offered.join(", ")),
    ))
}

/// The schema's word for the last check.
fn once_a_day(error: Error) -> Error {
    let constraint = error
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<DbErr>())
        .and_then(broken_constraint);
    if constraint.as_deref() == Some("withdrawals_once_a_day") {
        return Refusal::Today.into();
    }
    error
}

#[cfg(test)]
mod tests {
    use super::super::eligibility::tests::config;
    use super::*;
    use kernel::code::Code;

    #[test]
    fn an_amount_that_is_not_offered_names_its_field() {
        assert!(offered(Money::from_fen(2_000), &config()).is_ok());
        for fen in [200, 0, -2_000] {
            let error = offered(Money::from_fen(fen), &config()).unwrap_err();
            assert_eq!(
                (error.code, error.field.as_deref()),
                (Code::ParamsError, Some("amount")),
                "{fen}"
            );
        }
    }
}
