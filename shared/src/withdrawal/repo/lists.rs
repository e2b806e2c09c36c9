//! Withdrawals in lists.

use super::{COLUMNS, Withdrawal};
use crate::kernel::clock::BusinessDate;
use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::{UserId, WithdrawalId};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged};
use crate::withdrawal::model::State;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;

pub(in super::super) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    page: Page,
) -> Result<Paged<Withdrawal>> {
    let count = "SELECT count(*) FROM withdrawals WHERE user_id = $1";
    let total: i64 = db::fetch_scalar(conn, count, [user.into()]).await?.unwrap_or(0);
    let sql = format!(
        "SELECT {COLUMNS} FROM withdrawals AS w WHERE w.user_id = $1 ORDER BY w.created_at DESC, w.id DESC LIMIT $2 OFFSET $3"
    );
    let values = [user.into(), page.limit().into(), page.offset().into()];
    Ok(Paged {
        rows: db::fetch_all(conn, &sql, values).await?,
        info: page.info(total as u64),
    })
}

pub(in super::super) async fn one_of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: WithdrawalId,
) -> Result<Option<Withdrawal>> {
    let sql = format!("SELECT {COLUMNS} FROM withdrawals AS w WHERE w.user_id = $1 AND w.id = $2");
    db::fetch_optional(conn, &sql, [user.into(), id.into()]).await
}

pub(in super::super) async fn any_pending_or_paid(conn: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT FROM withdrawals WHERE user_id = $1 AND state NOT IN ('rejected', 'failed'))";
    Ok(db::fetch_scalar(conn, sql, [user.into()]).await?.unwrap_or(false))
}

/// What operators look for. Dates are inclusive, in Shanghai.
#[derive(Debug, Clone, Default)]
pub struct ConsoleFilters {
    /// The user's whole number.
    pub phone: Option<String>,
    /// From this amount.
    pub amount_from: Option<Money>,
    /// Up to this amount.
    pub amount_to: Option<Money>,
    /// Requested on this date or later.
    pub requested_from: Option<BusinessDate>,
    /// Requested on this date or before.
    pub requested_to: Option<BusinessDate>,
    /// Ended on this date or later.
    pub finished_from: Option<BusinessDate>,
    /// Ended on this date or before.
    pub finished_to: Option<BusinessDate>,
    /// The number the state is shown as.
    pub status: Option<i16>,
    /// Only those that a person has to look at.
    pub alerted: bool,
    /// By what.
    pub sort: SortKey,
    /// Smallest or oldest first.
    pub ascending: bool,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    /// When it was requested.
    #[default]
    Created,
    /// When it ended.
    Finished,
    /// How much.
    Amount,
}

impl SortKey {
    const fn column(self) -> &'static str {
        match self {
            SortKey::Created => "w.created_at",
            SortKey::Finished => "w.finished_at",
            SortKey::Amount => "w.amount",
        }
    }
}

/// A withdrawal as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsoleWithdrawal {
    /// Our id.
    pub id: WithdrawalId,
    /// Whose.
    pub user_id: UserId,
    /// Their phone.
    pub phone: Option<String>,
    /// Their name.
    pub nickname: String,
    /// 1 normal, 2 blocked, 3 deleted.
    pub user_status: i16,
    /// How much, yuan.
    pub amount: Money,
    /// 0 under review, 1 paying, 2 refused, 3 paid, 4 failed.
    pub state: i16,
    /// The state by its own name.
    pub detail_state: String,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The merchant bill number.
    pub bill_no: String,
    /// The partner's word for the state, or why nobody knows.
    pub partner_state: Option<String>,
    /// Why a person has to look.
    pub alert: Option<String>,
    /// Calls made to pay it.
    pub attempts: i32,
    /// Operators who approved it.
    pub approvals: i64,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// When it was first submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Owner {
    phone: Option<String>,
    nickname: String,
    user_status: i16,
    approvals: i64,
}

impl FromQueryResult for ConsoleWithdrawal {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        let owner = Owner::from_query_result(row, prefix)?;
        let row = Withdrawal::from_query_result(row, prefix)?;
        Ok(ConsoleWithdrawal {
            id: row.id,
            user_id: row.user_id,
            phone: owner.phone,
            nickname: owner.nickname,
            user_status: owner.user_status,
            amount: row.amount,
            state: row.state.shown(),
            detail_state: row.state.name().to_owned(),
            reason: row.reason,
            bill_no: row.bill_no,
            partner_state: row.partner_state,
            alert: row.alert,
            attempts: row.attempts,
            approvals: owner.approvals,
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
        })
    }
}

fn select() -> String {
    format!(
        "SELECT {COLUMNS}, users.phone, users.nickname, users.status AS user_status,
                (SELECT count(*) FROM withdrawal_reviews AS r WHERE r.withdrawal_id = w.id AND r.decision = 'approve') AS approvals
         FROM withdrawals AS w JOIN users ON users.id = w.user_id"
    )
}

pub(in super::super) async fn one(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
) -> Result<Option<ConsoleWithdrawal>> {
    db::fetch_optional(conn, &format!("{} WHERE w.id = $1", select()), [id.into()]).await
}

const FILTER: &str = "($1::text IS NULL OR users.phone = $1)
    AND ($2::numeric IS NULL OR w.amount >= $2) AND ($3::numeric IS NULL OR w.amount <= $3)
    AND ($4::date IS NULL OR w.requested_on >= $4) AND ($5::date IS NULL OR w.requested_on <= $5)
    AND ($6::timestamptz IS NULL OR w.finished_at >= $6) AND ($7::timestamptz IS NULL OR w.finished_at < $7)
    AND ($8::text[] IS NULL OR w.state = ANY($8)) AND (NOT $9 OR w.alert IS NOT NULL)";

pub(in super::super) async fn all(
    conn: &impl ConnectionTrait,
    filters: &ConsoleFilters,
    page: Page,
) -> Result<Paged<ConsoleWithdrawal>> {
    let states = filters.status.map(State::shown_as).transpose()?;
    let finished_from = filters.finished_from.map(BusinessDate::start);
    let finished_before = filters.finished_to.map(|date| date.plus_days(1).start());
    let mut values: Vec<Value> = vec![
        filters.phone.clone().into(),
        filters.amount_from.into(),
        filters.amount_to.into(),
        filters.requested_from.into(),
        filters.requested_to.into(),
        finished_from.into(),
        finished_before.into(),
        states.into(),
        filters.alerted.into(),
    ];
    let count =
        format!("SELECT count(*) FROM withdrawals AS w JOIN users ON users.id = w.user_id WHERE {FILTER}");
    let total: i64 = db::fetch_scalar(conn, &count, values.clone()).await?.unwrap_or(0);
    values.extend([page.limit().into(), page.offset().into()]);
    let direction = if filters.ascending { "ASC" } else { "DESC" };
    let sql = format!(
        "{} WHERE {FILTER} ORDER BY {} {direction} NULLS LAST, w.id {direction} LIMIT $10 OFFSET $11",
        select(),
        filters.sort.column()
    );
    Ok(Paged {
        rows: db::fetch_all(conn, &sql, values).await?,
        info: page.info(total as u64),
    })
}
