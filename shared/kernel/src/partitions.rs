//! The monthly partitions of what grows by the day: made ahead, and archived when they are old.

use super::clock::BusinessDate;
use super::db::{self, Database};
use super::error::Result;
use sea_orm::ConnectionTrait;

/// Whole months that stay at hand before the current one.
const KEPT: u32 = 24;

/// The first date whose books are still at hand.
pub fn oldest_kept(today: BusinessDate) -> BusinessDate {
    today.months_earlier(KEPT)
}

/// Makes the partitions of this month and those after it, `months` in all. What is there stays.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_ahead(conn: &impl ConnectionTrait, today: BusinessDate, months: u32) -> Result<()> {
    let mut month = today.month_start();
    for _ in 0..months {
        db::execute(conn, "SELECT ensure_partitions($1)", [month.into()]).await?;
        month = month.plus_days(31).month_start();
    }
    Ok(())
}

/// Archives every month that is older than 24 months, oldest first, each in a transaction of its own. Tells which.
///
/// # Errors
/// What PostgreSQL says, such as that a long query holds a table: what was archived until then stays so.
pub async fn archive(db: &Database, today: BusinessDate) -> Result<Vec<BusinessDate>> {
    let oldest = oldest_kept(today);
    let sql = "SELECT months_before($1)";
    let months: Vec<BusinessDate> = db::fetch_column(db.read(), sql, [oldest.into()]).await?;
    for month in &months {
        let txn = db.begin().await?;
        // The sums read a whole month.
        db::execute(&txn, "SET LOCAL statement_timeout = 0", []).await?;
        db::execute(&txn, "SELECT archive_month($1)", [(*month).into()]).await?;
        txn.commit().await?;
        tracing::info!(%month, "archived");
    }
    Ok(months)
}
