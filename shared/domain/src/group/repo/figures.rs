//! Counts of groups.

use crate::group::model::{GroupStatus, Star};
use kernel::clock::BusinessDate;
use kernel::dates::{DAYS, DateRange, DayCount};
use kernel::db;
use kernel::error::Result;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use transport::CancelReason;

/// Groups that are bound now and have this star.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct StarCount {
    /// The star; null for those that wait for one.
    pub star: Option<Star>,
    /// Whether they were groups before their robot came; these are paid by their share of repeated members, not by star.
    pub old_group: bool,
    /// Those that are settled every day.
    pub earning: i64,
    /// Those that have had all their days.
    pub settled_out: i64,
}

/// Groups that are bound now, by star.
pub async fn count_by_star(conn: &impl ConnectionTrait) -> Result<Vec<StarCount>> {
    let sql = format!(
        "SELECT star, old_group, coalesce(sum(count) FILTER (WHERE status = {normal}), 0)::bigint AS earning,
                coalesce(sum(count) FILTER (WHERE status = {settled_out}), 0)::bigint AS settled_out
         FROM (SELECT status, star, old_group, count(*) FROM groups WHERE cancelled_at IS NULL
               GROUP BY status, star, old_group) AS counted
         GROUP BY star, old_group ORDER BY old_group, star DESC NULLS LAST",
        normal = GroupStatus::Normal,
        settled_out = GroupStatus::SettledOut,
    );
    db::fetch_all(conn, &sql, []).await
}

/// How many groups were bound, by date; dates without any are left out.
pub async fn bound_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<DayCount>> {
    let sql = format!(
        "SELECT day.date, bound.count FROM {DAYS},
             LATERAL (SELECT count(*) FROM groups WHERE bound_at >= day.start AND bound_at < day.next) AS bound
         WHERE bound.count > 0 ORDER BY day.date"
    );
    db::fetch_all(conn, &sql, dates.values()).await
}

/// Groups that were lost on a date for this reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
#[oai(rename = "LostGroups")]
pub struct Lost {
    /// The date in Shanghai.
    pub date: BusinessDate,
    /// Why; null where nobody said.
    pub reason: Option<CancelReason>,
    /// How many.
    pub count: i64,
}

/// How many groups were lost, by date and reason.
pub async fn lost_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<Lost>> {
    let sql = format!(
        "SELECT day.date, lost.reason, lost.count FROM {DAYS},
             LATERAL (SELECT cancel_reason AS reason, count(*) FROM groups
                      WHERE cancelled_at >= day.start AND cancelled_at < day.next GROUP BY cancel_reason) AS lost
         ORDER BY day.date, lost.reason"
    );
    db::fetch_all(conn, &sql, dates.values()).await
}
