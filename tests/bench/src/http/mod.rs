//! Single-row endpoints, with a token and one query a request, against `pgbench -S` on the same database with as many
//! connections. Rounds are interleaved.

mod load;
mod pgbench;

use crate::product::{JWT_SECRET, Product};
use crate::rounds::{Spread, percent};
use anyhow::{Context, Result};
use domain::identity::{Tokens, UserClaims};
use kernel::clock::Clock;
use kernel::config::JwtConfig;
use kernel::id::UserId;
use sqlx::{Connection, Row};
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

const DATABASE: &str = "bench_http";
/// Each asks one question of one row, or of one row and yesterday's slips.
const PATHS: [&str; 2] = ["/api/h5/me", "/api/h5/profit"];

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
    ready(address, &tokens[0]).await?;
    let time = Duration::from_secs(options.seconds);
    println!(
        "{} connections, {} s a round",
        options.connections, options.seconds
    );
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let round = Round {
            requests: PATHS
                .iter()
                .map(|path| Ok(load::run(address, path, &tokens, time)? / options.seconds))
                .collect::<Result<_>>()?,
            transactions: pgbench.run(options.connections, options.seconds).await?,
        };
        println!("round {number}: {round}");
        rounds.push(round);
    }
    api.kill().await?;
    product.endpoints.drop_database(DATABASE).await?;
    report(&rounds);
    Ok(())
}

/// What one interleaved round came to, a second.
struct Round {
    /// Requests of each of [`PATHS`].
    requests: Vec<u64>,
    /// Transactions of `pgbench`.
    transactions: u64,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, requests) in PATHS.iter().zip(&self.requests) {
            let share = percent(*requests, self.transactions);
            write!(f, "{path} {requests} requests/s ({share} %), ")?;
        }
        write!(f, "pgbench {} transactions/s", self.transactions)
    }
}

fn report(rounds: &[Round]) {
    println!("\n{:<36}{:>10}{:>10}{:>10}", "", "median", "least", "most");
    let line = |label: String, spread: Spread| {
        let Spread { median, least, most } = spread;
        println!("{label:<36}{median:>10}{least:>10}{most:>10}");
    };
    let transactions = rounds.iter().map(|round| round.transactions);
    line("pgbench -S, transactions/s".into(), Spread::of(transactions));
    for (number, path) in PATHS.iter().enumerate() {
        let requests = rounds.iter().map(|round| round.requests[number]);
        line(format!("{path}, requests/s"), Spread::of(requests));
        let shares = rounds
            .iter()
            .map(|round| percent(round.requests[number], round.transactions));
        let shares = Spread::of(shares);
        line(format!("{path}, percent pair by pair"), shares);
        println!(
            "limit 30 %: {}; aim 50 %: {}",
            if shares.median >= 30 { "kept" } else { "NOT KEPT" },
            if shares.median >= 50 {
                "reached"
            } else {
                "not reached"
            },
        );
    }
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

/// Waits until `api` answers, then lets both paths warm up.
async fn ready(address: SocketAddr, token: &str) -> Result<()> {
    let started = Instant::now();
    while let Err(error) = load::status_of(address, "/healthz", token).await {
        if started.elapsed() > Duration::from_secs(30) {
            return Err(error).context("api does not answer");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for path in PATHS {
        let token = [token.to_owned()];
        load::run(address, path, &token, Duration::from_secs(1))?;
    }
    Ok(())
}
