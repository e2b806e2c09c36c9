//! What a user sees of their money: the summary, and slips by day.

pub use super::repo::slips::{Slip, Summary, summary};
use super::repo::{slips, wallets};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::money::Money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// One day of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The settle date.
    pub day: BusinessDate,
    /// Signed sum of the day's slips, withdrawals aside.
    pub balance_detail: Money,
    /// Signed sums by kind 0 to 4.
    pub detail: [Money; 5],
    /// The slips themselves, withdrawals aside.
    pub slips: Vec<Slip>,
}

/// Most days a statement can reach back.
pub const LONGEST: u64 = 90;

/// The last `days` business dates that have slips, newest first.
///
/// # Errors
/// 1403 for more days than [`LONGEST`], 1404 without an account.
pub async fn days(context: &Context, user: UserId, days: u64) -> Result<Vec<Day>> {
    if days == 0 || days > LONGEST {
        return Err(Error::params("days", format!("must be from 1 to {LONGEST}")));
    }
    let (conn, today) = (context.db.read(), context.clock.today());
    wallets::wallet(conn, user)
        .await?
        .ok_or_else(wallets::no_wallet)?;
    by_day(slips::of_days(conn, user, today, days).await?)
}

fn by_day(slips: Vec<Slip>) -> Result<Vec<Day>> {
    let mut grouped: BTreeMap<BusinessDate, Vec<Slip>> = BTreeMap::new();
    for slip in slips {
        grouped.entry(slip.settle_date).or_default().push(slip);
    }
    grouped
        .into_iter()
        .rev()
        .map(|(day, slips)| one_day(day, slips))
        .collect()
}

fn one_day(day: BusinessDate, slips: Vec<Slip>) -> Result<Day> {
    let mut sums = [Decimal::ZERO; 5];
    for slip in &slips {
        sums[slip.slip_kind()] += slip.signed();
    }
    let mut detail = [Money::ZERO; 5];
    for (money, sum) in detail.iter_mut().zip(sums) {
        *money = Money::from_decimal(sum)?;
    }
    Ok(Day {
        day,
        balance_detail: Money::from_decimal(sums.iter().sum())?,
        detail,
        slips,
    })
}
