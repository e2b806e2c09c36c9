//! Slips: the lines of a user's statement.

use crate::ledger::model::{AmountType, Direction};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{PostingId, SlipId, UserId, new_uuid};
use kernel::money::Money;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A slip to write: amounts are positive, the direction tells which way.
pub(in crate::ledger) struct NewSlip {
    pub user: UserId,
    pub amount_type: AmountType,
    pub direction: Direction,
    pub amount: Money,
    pub balance: Money,
    pub on: BusinessDate,
    pub posting: PostingId,
    pub remark: String,
}

pub(in crate::ledger) async fn insert(
    conn: &impl ConnectionTrait,
    slip: NewSlip,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, remark, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        new_uuid().into(),
        slip.user.into(),
        slip.amount_type.into(),
        slip.direction.into(),
        slip.amount.into(),
        slip.balance.into(),
        slip.on.into(),
        slip.posting.into(),
        slip.remark.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
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

/// The user's slips of the last `days` dates, newest date first, withdrawals aside.
pub(in crate::ledger) async fn of_days(
    conn: &impl ConnectionTrait,
    user: UserId,
    today: BusinessDate,
    days: u64,
) -> Result<Vec<Slip>> {
    let sql = format!(
        "SELECT id, amount_type, direction, amount, balance, settle_date, remark, created_at FROM slips
         WHERE user_id = $1 AND settle_date > $2 AND settle_date <= $3 AND amount_type <> {withdrawal}
         ORDER BY settle_date DESC, created_at, amount_type",
        withdrawal = AmountType::Withdrawal
    );
    let values = [user.into(), today.minus_days(days).into(), today.into()];
    db::fetch_all(conn, &sql, values).await
}

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
pub async fn summary(context: &Context, user: UserId) -> Result<Summary> {
    let yesterday = context.clock.today().minus_days(1);
    let sql = format!(
        "SELECT available AS amount, held, income AS balance,
                (SELECT coalesce(sum(CASE direction WHEN {income} THEN amount ELSE -amount END), 0)::numeric(14,2)
                 FROM slips WHERE user_id = $1 AND settle_date = $2 AND amount_type <> {withdrawal}) AS yesterday_balance
         FROM accounts WHERE user_id = $1",
        income = Direction::Income,
        withdrawal = AmountType::Withdrawal
    );
    db::fetch_optional(context.db.read(), &sql, [user.into(), yesterday.into()])
        .await?
        .ok_or_else(|| Error::not_found("account"))
}

/// The slip that shows a posting to its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, Object)]
pub struct PostingSlip {
    /// The slip.
    pub slip_id: SlipId,
    /// What it is for.
    pub amount_type: AmountType,
}

/// The slip of a posting, where it has one.
pub(in crate::ledger) async fn of_posting(
    conn: &impl ConnectionTrait,
    user: UserId,
    booked_on: BusinessDate,
    posting: PostingId,
) -> Result<Option<PostingSlip>> {
    let sql = "SELECT id AS slip_id, amount_type FROM slips WHERE user_id = $1 AND settle_date = $2 AND posting_id = $3";
    db::fetch_optional(conn, sql, [user.into(), booked_on.into(), posting.into()]).await
}
