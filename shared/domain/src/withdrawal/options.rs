//! What a user could ask for now.

use super::eligibility;
use super::refusal::RefusalCode;
use super::repo::lists;
use super::view::WithdrawalView;
use crate::ledger;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::UserId;
use kernel::money::Money;
use poem_openapi::Object;

/// What a user could ask for now. Asking checks anew.
#[derive(Debug, Object)]
#[oai(rename = "WithdrawalOptions")]
pub struct Options {
    /// Every amount that is offered.
    pub amounts: Vec<AmountOption>,
    /// What was asked for or paid this month, yuan.
    pub month_used: Money,
    /// What a month may have without an ID card, yuan.
    pub month_limit: Money,
    /// Whether an ID card is on file; with one the month has no limit.
    pub has_id_card: bool,
    /// Today's request, pending or paid.
    pub today: Option<WithdrawalView>,
}

/// An amount that is offered.
#[derive(Debug, Object)]
#[oai(rename = "WithdrawalAmount")]
pub struct AmountOption {
    /// Yuan.
    pub amount: Money,
    /// Whether a request would be taken.
    pub allowed: bool,
    /// The code it would be refused with.
    pub code: Option<RefusalCode>,
    /// A sentence for people.
    pub reason: Option<String>,
}

/// Every amount, with the refusal that a request of it would get.
///
/// # Errors
/// 1404 without an account.
pub async fn options(context: &Context, user: UserId) -> Result<Options> {
    let (conn, config) = (context.db.read(), &context.config.withdrawal);
    let available = ledger::wallet(conn, user).await?.map(|wallet| wallet.available);
    let today = BusinessDate::of(context.clock.shared_now(conn).await?);
    let (eligibility, open_id) =
        eligibility::of_user(conn, user, available.unwrap_or(Money::ZERO), today).await?;
    let today = lists::of_date(conn, user, today).await?;
    let option = |amount: &Money| {
        let refused = eligibility.admit(*amount, config, open_id.clone()).err();
        AmountOption {
            amount: *amount,
            allowed: refused.is_none(),
            code: refused.map(|refusal| refusal.code()),
            reason: refused.map(|refusal| refusal.message()),
        }
    };
    Ok(Options {
        amounts: config.amounts.iter().map(option).collect(),
        month_used: eligibility.this_month,
        month_limit: config.monthly_limit,
        has_id_card: eligibility.has_id_card,
        today: today.map(|row| WithdrawalView::new(row, &context.config.wxpay)),
    })
}
