//! Databases of tests: one of each kind per test, cheap to make and to drop.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use deadpool_redis::redis;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::endpoints::{Endpoints, PostgresEndpoint, RedisEndpoint};

/// SQLSTATE `object_in_use`: somebody is connected to the template.
const OBJECT_IN_USE: &str = "55006";

impl Endpoints {
    /// Creates a PostgreSQL database, as a copy of `template` where given. Many may do so at once.
    ///
    /// # Errors
    /// When the name is taken, the template is missing or stays in use for half a minute.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<()> {
        let template = template.unwrap_or("template1");
        let sql = format!("CREATE DATABASE {} TEMPLATE {}", quoted(name)?, quoted(template)?);
        let mut admin = self.postgres.admin().await?;
        let started = Instant::now();
        loop {
            match sqlx::raw_sql(AssertSqlSafe(sql.clone()))
                .execute(&mut admin)
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if in_use(&error) && started.elapsed() < Duration::from_secs(30) => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot create database {name} from {template}"));
                }
            }
        }
    }

    /// Drops a PostgreSQL database if it is there, also when somebody is connected to it.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let name = quoted(name)?;
        // A sealed template must be opened before it can go.
        let there = self.database_exists(name.trim_matches('"')).await?;
        let unseal = if there {
            format!("ALTER DATABASE {name} IS_TEMPLATE false")
        } else {
            String::new()
        };
        self.postgres
            .run(&[unseal, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")])
            .await
    }

    /// Whether PostgreSQL has a database of this name.
    ///
    /// # Errors
    /// When PostgreSQL is away.
    pub async fn database_exists(&self, name: &str) -> Result<bool> {
        let mut admin = self.postgres.admin().await?;
        let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
            .bind(name)
            .fetch_optional(&mut admin);
        Ok(found.await?.is_some())
    }

    /// Writes a remark on a database.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn mark_database(&self, name: &str, remark: &str) -> Result<()> {
        let remark = remark.replace('\'', "''");
        self.postgres
            .run(&[format!("COMMENT ON DATABASE {} IS '{remark}'", quoted(name)?)])
            .await
    }

    /// The remark on a database, if it has one.
    ///
    /// # Errors
    /// When PostgreSQL is away.
    pub async fn database_mark(&self, name: &str) -> Result<Option<String>> {
        let mut admin = self.postgres.admin().await?;
        let sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
        let found: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(name)
            .fetch_optional(&mut admin)
            .await?;
        Ok(found.flatten())
    }

    /// Makes a migrated database a template that nobody, not even a superuser, can connect to by mistake.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn seal_template(&self, name: &str) -> Result<()> {
        let name = quoted(name)?;
        self.postgres
            .run(&[format!(
                "ALTER DATABASE {name} IS_TEMPLATE true ALLOW_CONNECTIONS false"
            )])
            .await
    }

    /// Hands out an empty numbered Redis database. Numbers go round, so one comes again after all others.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn allocate_redis_database(&self) -> Result<u32> {
        let mut counter = self.redis.connect(0).await?;
        let taken: u64 = redis::cmd("INCR")
            .arg("stack:databases")
            .query_async(&mut counter)
            .await?;
        // Database 0 holds the counter and is never handed out.
        let number = 1 + u32::try_from((taken - 1) % u64::from(self.redis.databases - 1))?;
        let mut database = self.redis.connect(number).await?;
        redis::cmd("FLUSHDB").exec_async(&mut database).await?;
        Ok(number)
    }
}

impl PostgresEndpoint {
    pub(crate) async fn admin(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.url("postgres"))
            .await
            .context("cannot connect to the private PostgreSQL")
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        let mut admin = self.admin().await?;
        for sql in statements.iter().filter(|sql| !sql.is_empty()) {
            sqlx::raw_sql(AssertSqlSafe(sql.clone()))
                .execute(&mut admin)
                .await
                .with_context(|| sql.clone())?;
        }
        Ok(())
    }
}

impl RedisEndpoint {
    pub(crate) async fn connect(&self, database: u32) -> Result<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(self.url(database))?;
        client
            .get_multiplexed_async_connection()
            .await
            .context("cannot connect to the private Redis")
    }
}

fn in_use(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == OBJECT_IN_USE)
}

/// Only names that need no escaping are let through, since DDL takes no parameters.
fn quoted(name: &str) -> Result<String> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if name.is_empty() || name.len() > 63 || !name.chars().all(plain) {
        bail!("{name:?} is no database name: letters, digits, _ and -, at most 63");
    }
    Ok(format!("\"{name}\""))
}
