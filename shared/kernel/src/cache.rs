//! Redis: a cache. Flushing it loses nothing; being away costs speed, and refuses what only it can limit.

use super::config::RedisConfig;
use super::error::{Error, Result};
use deadpool_redis::redis::{self, FromRedisValue, ScriptInvocation};
use deadpool_redis::{Config, Connection, Pool, PoolConfig, Runtime, Timeouts};
use secrecy::ExposeSecret;
use std::time::Duration;

/// How long a use case waits for its mirror.
const MIRROR_PATIENCE: Duration = Duration::from_millis(500);

/// A pool of connections.
#[derive(Clone)]
pub struct Cache(Pool);

impl Cache {
    /// A lazy pool: nothing is opened until first used.
    ///
    /// # Errors
    /// When the URL is not one.
    pub fn connect(config: &RedisConfig) -> Result<Self> {
        let wait = Some(Duration::from_secs(config.timeout_seconds));
        let mut settings = Config::from_url(config.url.expose_secret());
        settings.pool = Some(PoolConfig {
            max_size: config.connections,
            timeouts: Timeouts {
                wait,
                create: wait,
                recycle: wait,
            },
            ..PoolConfig::default()
        });
        settings
            .create_pool(Some(Runtime::Tokio1))
            .map(Cache)
            .map_err(|error| Error::store_down("Redis", error))
    }

    /// One connection; each checkout costs a round trip, so take one a request and pipeline.
    ///
    /// # Errors
    /// 503 when Redis is away.
    pub async fn get(&self) -> Result<Connection> {
        Ok(self.0.get().await?)
    }

    /// Runs one command.
    ///
    /// # Errors
    /// 503 when Redis is away.
    pub async fn run<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T> {
        let mut connection = self.get().await?;
        Ok(command.query_async(&mut connection).await?)
    }

    /// Runs a script that mirrors data of PostgreSQL. Nobody waits long for a mirror.
    ///
    /// # Errors
    /// 503 when Redis is away or slow.
    pub async fn mirror<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T> {
        let written = async {
            let mut connection = self.get().await?;
            Ok(script.invoke_async(&mut connection).await?)
        };
        tokio::time::timeout(MIRROR_PATIENCE, written)
            .await
            .map_err(|elapsed| Error::store_down("Redis", elapsed))?
    }

    /// Adds one to a counter that lives `window`, and tells its value. For limits.
    ///
    /// # Errors
    /// 503 when Redis is away: a limit that cannot be counted refuses.
    pub async fn count(&self, key: &str, window: Duration) -> Result<u32> {
        let mut connection = self.get().await?;
        let (value,): (u32,) = redis::pipe()
            .atomic()
            .cmd("SET")
            .arg(key)
            .arg(0)
            .arg("NX")
            .arg("EX")
            .arg(window.as_secs())
            .ignore()
            .cmd("INCR")
            .arg(key)
            .query_async(&mut connection)
            .await?;
        Ok(value)
    }

    /// Claims a key for a while; false when somebody had it already.
    ///
    /// # Errors
    /// 503 when Redis is away.
    pub async fn claim(&self, key: &str, window: Duration) -> Result<bool> {
        let set: Option<String> = self
            .run(
                redis::cmd("SET")
                    .arg(key)
                    .arg(1)
                    .arg("NX")
                    .arg("EX")
                    .arg(window.as_secs()),
            )
            .await?;
        Ok(set.is_some())
    }
}
