//! The groups run of a large world: the product against the best SQL one could write by hand for the same tables.
//!
//! Rounds are interleaved, each on a fresh copy of one database, so that whatever else the machine does falls on both.

mod compare;
mod report;
mod round;

use crate::product::Product;
use anyhow::Result;
use round::{Round, Side};
use sqlx::{AssertSqlSafe, Connection};

/// The date that is settled; the product's clock is set to the night after it.
pub const DATE: &str = "2026-03-10";
/// When the product believes it runs.
pub const CLOCK: &str = "2026-03-11T02:00:00+08:00";
/// The month's partitions.
const MONTH: &str = "202603";

const TEMPLATE: &str = "bench_world";
const WORLD: &str = include_str!("world.sql");
const BY_HAND: &str = include_str!("by_hand.sql");

/// How large and how often.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Groups, all bound and eligible.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    groups: u32,
    /// Users.
    #[arg(long, default_value_t = 300_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// Rounds of each side.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Makes the world, runs the rounds, prints what they came to.
///
/// # Errors
/// When the two sides filled the tables differently; never for being slow.
pub async fn run(product: &Product, options: &Options) -> Result<()> {
    let product = product.at(CLOCK);
    println!(
        "making a world of {} groups and {} users",
        options.groups, options.users
    );
    make_world(&product, options).await?;
    let mut rounds: Vec<(Round, Round)> = Vec::new();
    for number in 1..=options.rounds {
        // Who goes first changes, so that neither always finds what the other left in caches.
        let (a, b) = if number % 2 == 1 {
            let a = round::run(&product, Side::Product).await?;
            (a, round::run(&product, Side::ByHand).await?)
        } else {
            let b = round::run(&product, Side::ByHand).await?;
            (round::run(&product, Side::Product).await?, b)
        };
        compare::same(&a.tables, &b.tables)?;
        report::round(number, &a, &b);
        rounds.push((a, b));
    }
    product.endpoints.drop_database(TEMPLATE).await?;
    report::all(&rounds);
    Ok(())
}

async fn make_world(product: &Product, options: &Options) -> Result<()> {
    product.fresh_database(TEMPLATE).await?;
    let sql = WORLD
        .replace(":groups", &options.groups.to_string())
        .replace(":users", &options.users.to_string())
        .replace(":date", DATE);
    let mut conn = product.connect(TEMPLATE).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
    sqlx::raw_sql("VACUUM (FREEZE, ANALYZE)")
        .execute(&mut conn)
        .await?;
    Ok(conn.close().await?)
}
