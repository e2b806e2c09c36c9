//! What a user sees of their money: the summary, and slips by day.

use crate::ledger::model::{AmountType, Direction};
use crate::ledger::service;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{SlipId, UserId};
use kernel::money::Money;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

/// What a user sees of their money at a glance.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Summary {
    /// Available balance.
    pub amount: Money,
    /// Income of all time, 总收益.
    pub balance: Money,
    /// Signed sum of yesterday's slips, withdrawals aside.
    pub yesterday_balance: Money,
    /// What waits for a payout.
    pub held: Money,
}

/// The user's summary on `today`, in one question.
///
/// # Errors
/// 1404 without an account.
pub async fn summary(conn: &impl ConnectionTrait, user: UserId, today: BusinessDate) -> Result<Summary> {
    let sql = "SELECT available AS amount, held, income AS balance,
                      (SELECT coalesce(sum(CASE direction WHEN 1 THEN amount ELSE -amount END), 0)::numeric(14,2)
                       FROM slips WHERE user_id = $1 AND settle_date = $2 AND amount_type <> 9) AS yesterday_balance
               FROM accounts WHERE user_id = $1";
    let values = [user.into(), today.minus_days(1).into()];
    db::fetch_optional(conn, sql, values)
        .await?
        .ok_or_else(|| Error::not_found("account"))
}

/// A slip.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct Slip {
    /// Our id.
    pub id: SlipId,
    /// What it is for.
    pub amount_type: AmountType,
    /// Which way the money went.
    pub direction: Direction,
    /// Yuan, without a sign.
    pub amount: Money,
    /// What could be withdrawn after it.
    pub balance: Money,
    /// The business date it belongs to.
    pub settle_date: BusinessDate,
    /// What the user is told about it.
    pub remark: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

impl Slip {
    /// The amount with its sign.
    pub fn signed(&self) -> Decimal {
        match self.direction {
            Direction::Income => self.amount.decimal(),
            Direction::Payment => -self.amount.decimal(),
        }
    }

    /// 0 groups, 1 ads, 2 disciples, 3 adoption, 4 other.
    pub fn slip_kind(&self) -> usize {
        match self.amount_type {
            AmountType::Groups => 0,
            AmountType::Ads => 1,
            AmountType::DiscipleGroups | AmountType::DiscipleAds => 2,
            AmountType::Adoption => 3,
            _ => 4,
        }
    }
}

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
pub async fn days(
    conn: &impl ConnectionTrait,
    user: UserId,
    today: BusinessDate,
    days: u64,
) -> Result<Vec<Day>> {
    if days == 0 || days > LONGEST {
        return Err(Error::params("days", format!("must be from 1 to {LONGEST}")));
    }
    service::wallet(conn, user)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    let sql = "SELECT id, amount_type, direction, amount, balance, settle_date, remark, created_at FROM slips
               WHERE user_id = $1 AND settle_date > $2 AND settle_date <= $3 AND amount_type <> 9
               ORDER BY settle_date DESC, created_at, amount_type";
    let values = [user.into(), today.minus_days(days).into(), today.into()];
    by_day(db::fetch_all(conn, sql, values).await?)
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
