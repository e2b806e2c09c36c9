//! PostgreSQL: three pools and short ways to ask.
//!
//! Single statements outside a transaction use the first two, see [`autocommit`]; on the connections of the first PostgreSQL
//! refuses to write. Transactions use the third, whose connections are looked at each time they come back: a `begin` that was cancelled half-way leaves a connection inside a transaction nobody knows of
//! (transact-rs/sqlx#4393), and the next borrower's writes would vanish with it. Such a connection is closed.

pub mod autocommit;
pub mod entity;
pub mod lock;

use super::config::DatabaseConfig;
use super::error::{Error, Result};
use autocommit::Autocommit;
use sea_orm::sqlx::{self, Row, postgres::PgPoolOptions};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, FromQueryResult,
    Statement, TransactionTrait, TryGetable, Value,
};
use secrecy::ExposeSecret;
use std::time::Duration;

/// The three pools.
#[derive(Debug, Clone)]
pub struct Database {
    read: Autocommit,
    autocommit: Autocommit,
    write: DatabaseConnection,
}

/// What a pool's connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Statements that write nothing.
    Read,
    /// Single statements.
    Autocommit,
    /// Transactions.
    Transactions,
}

impl Database {
    /// Opens the pools lazily: connections are made when first used, so that a start does not need the server.
    ///
    /// # Errors
    /// When the URL is not one.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self> {
        Ok(Database {
            read: single_statements(config, config.read_connections, Purpose::Read).await?,
            autocommit: single_statements(config, config.autocommit_connections, Purpose::Autocommit).await?,
            write: pool(config, config.write_connections, Purpose::Transactions).await?,
        })
    }

    /// For single statements that write nothing; PostgreSQL refuses those that do.
    pub fn read(&self) -> &Autocommit {
        &self.read
    }

    /// For single statements outside a transaction, each of which is one by itself.
    pub fn autocommit(&self) -> &Autocommit {
        &self.autocommit
    }

    /// Opens a transaction. Never inside a `timeout` or `select!`: callers run in tasks that nobody cancels.
    ///
    /// # Errors
    /// 503 when PostgreSQL is away.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        Ok(self.write.begin().await?)
    }

    /// The pool of transactions itself, for what opens its own transactions: the migrations.
    pub fn pool(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Closes the pools.
    pub async fn close(self) {
        self.read.close().await;
        self.autocommit.close().await;
        // Closing only fails where the pool is closed already.
        let _ = self.write.close().await;
    }
}

async fn single_statements(
    config: &DatabaseConfig,
    connections: u32,
    purpose: Purpose,
) -> Result<Autocommit> {
    let pool = pool(config, connections, purpose).await?;
    let acquire_timeout = Duration::from_secs(config.acquire_timeout_seconds);
    Ok(Autocommit::new(
        pool.get_postgres_connection_pool().clone(),
        connections,
        acquire_timeout,
    ))
}

async fn pool(config: &DatabaseConfig, connections: u32, purpose: Purpose) -> Result<DatabaseConnection> {
    let statement_timeout = config.statement_timeout_seconds;
    let read_only = if purpose == Purpose::Read { "on" } else { "off" };
    let mut options = ConnectOptions::new(config.url.expose_secret());
    options
        .min_connections(0)
        .max_connections(connections)
        .connect_lazy(true)
        .acquire_timeout(Duration::from_secs(config.acquire_timeout_seconds))
        .idle_timeout(Duration::from_secs(300))
        // Busy connections are not asked; one that lay idle may have lost its server meanwhile.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| {
            options.options([
                ("statement_timeout", format!("{statement_timeout}s")),
                ("lock_timeout", "5s".to_owned()),
                ("idle_in_transaction_session_timeout", "10s".to_owned()),
                ("TimeZone", "UTC".to_owned()),
                // Compiling a plan costs far more than any of our queries that answer somebody.
                ("jit", "off".to_owned()),
                ("default_transaction_read_only", read_only.to_owned()),
            ])
        });
    if purpose == Purpose::Transactions {
        options.map_sqlx_postgres_pool_opts(refuse_open_transactions);
    }
    sea_orm::Database::connect(options)
        .await
        .map_err(|error| Error::store_down("PostgreSQL", error))
}

fn refuse_open_transactions(options: PgPoolOptions) -> PgPoolOptions {
    options.after_release(|connection, _| {
        Box::pin(async move {
            // The two differ inside a transaction only. raw_sql, so that nothing is prepared for it.
            let open: bool = sqlx::raw_sql("SELECT now() <> statement_timestamp()")
                .fetch_one(&mut *connection)
                .await?
                .get(0);
            if open {
                metrics::counter!("gpet_db_poisoned_connections_total").increment(1);
                tracing::warn!("closed a database connection that came back inside a transaction");
            }
            Ok(!open)
        })
    })
}

/// A PostgreSQL statement with its values.
pub fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// All rows.
pub async fn fetch_all<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    let rows = conn.query_all_raw(statement(sql, values)).await?;
    rows.iter()
        .map(|row| T::from_query_result(row, "").map_err(Error::from))
        .collect()
}

/// The first row, if there is one.
pub async fn fetch_optional<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    let row = conn.query_one_raw(statement(sql, values)).await?;
    row.map(|row| T::from_query_result(&row, "").map_err(Error::from))
        .transpose()
}

/// The first row of a statement that always has one.
///
/// # Errors
/// A database error, and when there is none.
pub async fn fetch_one<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<T> {
    fetch_optional(conn, sql, values)
        .await?
        .ok_or_else(|| Error::internal("a statement that always has a row had none"))
}

/// The first column of the first row, if there is one.
pub async fn fetch_scalar<T: TryGetable>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    let row = conn.query_one_raw(statement(sql, values)).await?;
    row.map(|row| row.try_get_by_index::<T>(0).map_err(Error::from))
        .transpose()
}

/// The first column of every row.
pub async fn fetch_column<T: TryGetable>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    let rows = conn.query_all_raw(statement(sql, values)).await?;
    rows.iter()
        .map(|row| row.try_get_by_index::<T>(0).map_err(Error::from))
        .collect()
}

/// Runs a statement and tells how many rows it touched.
pub async fn execute(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    Ok(conn.execute_raw(statement(sql, values)).await?.rows_affected())
}
