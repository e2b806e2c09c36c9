//! One run of one side.

use super::{BY_HAND, DATE, MONTH, TEMPLATE, compare};
use crate::product::Product;
use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, Row};
use std::time::Instant;

/// Who runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `scheduler run-job settle_groups`.
    Product,
    /// `by_hand.sql`.
    ByHand,
}

/// What a run came to.
#[derive(Debug)]
pub struct Round {
    /// From start to end: of the process, or of the connection and its script.
    pub milliseconds: u64,
    /// The product's peak memory.
    pub peak_kilobytes: u64,
    /// The product's steps.
    pub steps: Vec<(String, u64)>,
    /// What the tables held afterwards.
    pub tables: Vec<compare::Table>,
}

/// Runs on a fresh copy of the world, after a checkpoint and one look at what the run reads.
///
/// # Errors
/// When the run fails.
pub async fn run(product: &Product, side: Side) -> Result<Round> {
    let database = match side {
        Side::Product => "bench_product",
        Side::ByHand => "bench_by_hand",
    };
    product.endpoints.drop_database(database).await?;
    product
        .endpoints
        .create_database(database, Some(TEMPLATE))
        .await?;
    warm_up(product, database).await?;
    let started = Instant::now();
    let mut peak_kilobytes = 0;
    match side {
        Side::Product => {
            let job = ["run-job", "settle_groups", "--date", DATE];
            peak_kilobytes = product.run("scheduler", database, &job).await?;
        }
        Side::ByHand => {
            let sql = BY_HAND.replace(":date", DATE).replace(":month", MONTH);
            let mut conn = product.connect(database).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
            conn.close().await?;
        }
    }
    let milliseconds = u64::try_from(started.elapsed().as_millis())?;
    let mut conn = product.connect(database).await?;
    let round = Round {
        milliseconds,
        peak_kilobytes,
        steps: steps(&mut conn).await?,
        tables: compare::read(&mut conn).await?,
    };
    conn.close().await?;
    product.endpoints.drop_database(database).await?;
    Ok(round)
}

async fn warm_up(product: &Product, database: &str) -> Result<()> {
    let mut conn = product.connect(database).await?;
    let look = "CHECKPOINT;
        SELECT count(*), max(g::text) FROM groups AS g; SELECT count(*), max(u::text) FROM users AS u;
        SELECT count(*), max(c::text) FROM group_settle_counts AS c; SELECT count(*), max(r::text) FROM referrals AS r;
        SELECT count(*), max(a::text) FROM accounts AS a";
    sqlx::raw_sql(look).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

async fn steps(conn: &mut sqlx::PgConnection) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT key, value::bigint FROM settlement_runs, jsonb_each_text(timings)";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, u64::try_from(row.try_get::<i64, _>(1)?)?)))
        .collect()
}
