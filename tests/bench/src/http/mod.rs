//! A single-row endpoint, with a token and one query a request, against `pgbench -S` on the same database with as many
//! connections. Rounds are interleaved.

mod load;
mod pgbench;

use crate::product::{JWT_SECRET, Product};
use crate::rounds::{Spread, percent};
use anyhow::{Context, Result, bail};
use shared::identity::token::{Tokens, UserClaims};
use shared::kernel::clock::Clock;
use shared::kernel::config::JwtConfig;
use shared::kernel::id::UserId;
use sqlx::{Connection, Row};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

const DATABASE: &str = "bench_http";
/// The first of these that this build of the product has is asked.
const PATHS: [&str; 2] = ["/api/h5/profit", "/api/h5/me"];

/// How much and how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Connections of both sides.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=200))]
    connections: u32,
    /// Seconds a round.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Rounds of each side.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Starts `api`, runs the rounds, prints what they came to.
///
/// # Errors
/// When a program fails or an answer is not 200; never for being slow.
pub async fn run(product: &Product, postgres: &Path, options: &Options) -> Result<()> {
    product.fresh_database(DATABASE).await?;
    let pgbench = pgbench::Pgbench::prepare(product, postgres, DATABASE).await?;
    let users = make_users(product).await?;
    let port = stack::free_ports(1, &[])?[0];
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut api = product
        .command("api", DATABASE)
        .env("GPET_API_LISTEN", address.to_string())
        .env("GPET_LOG", "warn")
        .spawn()
        .context("cannot start api")?;
    let connections = usize::try_from(options.connections)?;
    let tokens = tokens(users.iter().cycle().take(connections))?;
    let path = usable_path(address, &tokens[0]).await?;
    println!(
        "GET {path} with {connections} connections, {} s a round",
        options.seconds
    );
    let time = Duration::from_secs(options.seconds);
    load::run(address, path, &tokens, Duration::from_secs(2))?;
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let requests = load::run(address, path, &tokens, time)? / options.seconds;
        let transactions = pgbench.run(options.connections, options.seconds).await?;
        let share = percent(requests, transactions);
        println!("round {number}: {requests} requests/s, {transactions} transactions/s, {share} %");
        rounds.push((requests, transactions, share));
    }
    api.kill().await?;
    product.endpoints.drop_database(DATABASE).await?;
    println!("\n{:<32}{:>10}{:>10}{:>10}", "", "median", "least", "most");
    let line = |label: &str, spread: Spread| {
        println!(
            "{label:<32}{:>10}{:>10}{:>10}",
            spread.median, spread.least, spread.most
        );
    };
    let shares = Spread::of(rounds.iter().map(|round| round.2));
    line("api, requests/s", Spread::of(rounds.iter().map(|round| round.0)));
    line(
        "pgbench -S, transactions/s",
        Spread::of(rounds.iter().map(|round| round.1)),
    );
    line("percent, pair by pair", shares);
    println!(
        "limit 30 %: {}; aim 50 %: {}",
        if shares.median >= 30 { "kept" } else { "NOT KEPT" },
        if shares.median >= 50 {
            "reached"
        } else {
            "not reached"
        },
    );
    Ok(())
}

async fn make_users(product: &Product) -> Result<Vec<UserId>> {
    let sql = "WITH new AS (
            INSERT INTO users (id, code, nickname, created_at, updated_at)
            SELECT gen_random_uuid(), 'wxid_' || no, '用户' || no, clock_timestamp(), clock_timestamp()
            FROM generate_series(1, 100000) AS no RETURNING id),
        wallets AS (INSERT INTO accounts (user_id, available, income) SELECT id, 12.34, 12.34 FROM new)
        SELECT id FROM new LIMIT 1000";
    let mut conn = product.connect(DATABASE).await?;
    let rows = sqlx::query(sql).fetch_all(&mut conn).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut conn).await?;
    conn.close().await?;
    rows.iter().map(|row| Ok(UserId(row.try_get(0)?))).collect()
}

fn tokens<'a>(users: impl Iterator<Item = &'a UserId>) -> Result<Vec<String>> {
    let tokens = Tokens::new(&JwtConfig {
        secret: JWT_SECRET.into(),
        issuer: "gpet".into(),
        lifetime_seconds: 3600,
        leeway_seconds: 30,
    });
    users
        .map(|user| {
            let claims = UserClaims {
                user: *user,
                wechat: None,
            };
            Ok(tokens.for_user(claims, &Clock::system())?.token)
        })
        .collect()
}

/// Waits until `api` answers, then picks the path.
async fn usable_path(address: SocketAddr, token: &str) -> Result<&'static str> {
    let started = Instant::now();
    loop {
        for path in PATHS {
            match load::status_of(address, path, token).await {
                Ok(200) => return Ok(path),
                Ok(404) => {}
                Ok(status) => bail!("{path} answered {status}"),
                Err(error) if started.elapsed() > Duration::from_secs(30) => {
                    return Err(error).context("api does not answer");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}
