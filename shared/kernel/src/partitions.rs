//! The monthly partitions of what grows by the day: made ahead, and archived when they are old.

use super::clock::BusinessDate;
use super::db::{self, Database};
use super::error::Result;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;
use tokio::time::sleep;

/// Whole months that stay at hand before the current one.
const KEPT: u32 = 24;

/// The first date whose books are still at hand.
pub fn oldest_kept(today: BusinessDate) -> BusinessDate {
    today.months_earlier(KEPT)
}

/// How often a month is tried that cannot be made because of those who book.
const TRIES: u32 = 20;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Makes the partitions of this month and those after it, `months` in all. What is there stays.
///
/// # Errors
/// 503 when somebody books all the time, or PostgreSQL is away.
pub async fn make_ahead(db: &Database, today: BusinessDate, months: u32) -> Result<()> {
    let mut month = today.month_start();
    for _ in 0..months {
        make(db, month).await?;
        month = month.plus_days(31).month_start();
    }
    Ok(())
}

async fn make(db: &Database, month: BusinessDate) -> Result<()> {
    let mut tries = 1;
    loop {
        let tables = tables(db, month).await?;
        if !tables.missing {
            return Ok(());
        }
        match make_locked(db, &tables.names, month).await {
            Err(error) if error.transient && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
        sleep(PAUSE).await;
    }
}

/// The tables that have a partition a month.
#[derive(FromQueryResult)]
struct Tables {
    /// As SQL has them in a list.
    names: String,
    /// Whether one of them lacks this month's.
    missing: bool,
}

async fn tables(db: &Database, month: BusinessDate) -> Result<Tables> {
    let sql = "SELECT string_agg(partrelid::regclass::text, ', ') AS names,
                      bool_or(to_regclass(partrelid::regclass || '_' || to_char($1::date, 'YYYYMM')) IS NULL) AS missing
               FROM pg_partitioned_table WHERE partdefid <> 0";
    db::fetch_one(db.read(), sql, [month.into()]).await
}

/// All tables are locked before one is changed. Who books holds some of them and wants others, in an order of their own:
/// we give up before PostgreSQL, after a second, takes that for a deadlock and throws one of us out.
async fn make_locked(db: &Database, tables: &str, month: BusinessDate) -> Result<()> {
    let txn = db.begin().await?;
    db::execute(&txn, "SET LOCAL statement_timeout = '300ms'", []).await?;
    txn.execute_unprepared(&format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        .await?;
    db::execute(&txn, "SET LOCAL statement_timeout = 0", []).await?;
    db::execute(&txn, "SELECT ensure_partitions($1)", [month.into()]).await?;
    Ok(txn.commit().await?)
}

/// Archives every month that is older than 24 months, oldest first, each in a transaction of its own. Tells which.
///
/// # Errors
/// A database error, such as that a long query holds a table: what was archived until then stays so.
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
