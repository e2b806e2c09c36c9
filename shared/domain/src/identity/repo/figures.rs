//! Counts of users.

use kernel::dates::{DAYS, DateRange, DayCount};
use kernel::db;
use kernel::error::Result;
use sea_orm::ConnectionTrait;

/// How many users came, by date; dates without any are left out.
pub async fn new_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<DayCount>> {
    let sql = format!(
        "SELECT day.date, came.count FROM {DAYS},
             LATERAL (SELECT count(*) FROM users WHERE created_at >= day.start AND created_at < day.next) AS came
         WHERE came.count > 0 ORDER BY day.date"
    );
    db::fetch_all(conn, &sql, dates.values()).await
}
