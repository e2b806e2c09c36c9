//! Sums of withdrawals.

use crate::withdrawal::model::{Decision, State};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::dates::{DAYS, DateRange};
use kernel::db;
use kernel::error::Result;
use kernel::id::OperatorId;
use kernel::money::Money;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

/// Withdrawals that are in this state now and have not ended.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "OpenWithdrawals")]
pub struct Open {
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
    /// Their sum, yuan.
    pub amount: Money,
    /// When the oldest was requested.
    pub oldest_at: DateTime<Utc>,
}

/// What has not ended, by state.
pub async fn open_by_state(conn: &impl ConnectionTrait) -> Result<Vec<Open>> {
    let sql = "SELECT state, count(*), sum(amount) AS amount, min(created_at) AS oldest_at FROM withdrawals
               WHERE state = ANY($1) GROUP BY state";
    let open = State::ALL.into_iter().filter(|state| state.is_open());
    let names: Vec<String> = open.map(|state| state.name().to_owned()).collect();
    let mut found: Vec<Open> = db::fetch_all(conn, sql, [names.into()]).await?;
    found.sort_by_key(|row| State::ALL.iter().position(|state| *state == row.state));
    Ok(found)
}

/// Withdrawals that were requested on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
#[oai(rename = "RequestedWithdrawals")]
pub struct Requested {
    /// The date in Shanghai.
    pub date: BusinessDate,
    /// How many.
    pub count: i64,
    /// Their sum, yuan.
    pub amount: Money,
}

/// What was requested, by date, whatever became of it.
pub async fn requested_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<Requested>> {
    let sql = "SELECT requested_on AS date, count(*), sum(amount) AS amount FROM withdrawals
               WHERE requested_on BETWEEN $1 AND $2 GROUP BY requested_on ORDER BY requested_on";
    db::fetch_all(conn, sql, dates.values()).await
}

/// Withdrawals that ended on a date in this state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
#[oai(rename = "EndedWithdrawals")]
pub struct Ended {
    /// The date in Shanghai.
    pub date: BusinessDate,
    /// How they ended: paid, rejected or failed.
    pub state: State,
    /// How many.
    pub count: i64,
    /// Their sum, yuan.
    pub amount: Money,
}

/// What ended, by date and state.
pub async fn ended_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<Ended>> {
    let sql = format!(
        "SELECT day.date, ended.state, ended.count, ended.amount FROM {DAYS},
             LATERAL (SELECT state, count(*), sum(amount) AS amount FROM withdrawals
                      WHERE finished_at >= day.start AND finished_at < day.next GROUP BY state) AS ended
         ORDER BY day.date, ended.state"
    );
    db::fetch_all(conn, &sql, dates.values()).await
}

/// What waits for a review.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ToReview {
    /// How many.
    pub waiting: i64,
    /// How many of them this operator has not approved yet.
    pub open_to_me: i64,
    /// The sum of all of them, yuan.
    pub amount: Money,
    /// When the oldest was requested.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// What waits for a review, and how much of it for one by this operator.
pub async fn to_review(conn: &impl ConnectionTrait, operator: OperatorId) -> Result<ToReview> {
    let sql = "SELECT count(*) AS waiting, coalesce(sum(w.amount), 0) AS amount, min(w.created_at) AS oldest_at,
                      count(*) FILTER (WHERE NOT EXISTS (
                          SELECT FROM withdrawal_reviews AS r
                          WHERE r.withdrawal_id = w.id AND r.operator_id = $2 AND r.decision = $3)) AS open_to_me
               FROM withdrawals AS w WHERE w.state = $1";
    let values = [
        State::Requested.name().into(),
        operator.into(),
        Decision::Approve.name().into(),
    ];
    db::fetch_one(conn, sql, values).await
}

/// Withdrawals that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Alerted {
    /// How many.
    pub count: i64,
    /// When the oldest was requested.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// What a person has to look at.
pub async fn alerted(conn: &impl ConnectionTrait) -> Result<Alerted> {
    let sql = "SELECT count(*), min(created_at) AS oldest_at FROM withdrawals WHERE alert IS NOT NULL";
    db::fetch_one(conn, sql, []).await
}
