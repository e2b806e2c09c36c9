//! What use cases are given: configuration, clock, stores.

use crate::cache::Cache;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_keys::DataKeys;
use crate::db::Database;
use crate::error::{Error, Result};
use chrono::DateTime;
use std::sync::Arc;

/// Cheap to clone; one per process.
#[derive(Clone)]
pub struct Context {
    /// Read once at start.
    pub config: Arc<Config>,
    /// The only source of time.
    pub clock: Clock,
    /// PostgreSQL.
    pub db: Database,
    /// Redis.
    pub cache: Cache,
}

impl Context {
    /// What seals data at rest.
    ///
    /// # Errors
    /// As [`DataKeys::of`].
    pub fn data_keys(&self) -> Result<DataKeys> {
        DataKeys::of(&self.config.identity)
    }

    /// Connects lazily to the stores the configuration names; none needs to be up.
    ///
    /// # Errors
    /// When an address is not one.
    pub async fn new(config: Config) -> Result<Self> {
        let clock = match config.scheduler.clock.as_str() {
            "" => Clock::system(),
            instant => Clock::starting_at(
                DateTime::parse_from_rfc3339(instant)
                    .map_err(Error::internal)?
                    .to_utc(),
            ),
        };
        Context::with_clock(config, clock).await
    }

    /// The same with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Context::new`].
    pub async fn with_clock(config: Config, clock: Clock) -> Result<Self> {
        let db = Database::connect(&config.database).await?;
        let cache = Cache::connect(&config.redis)?;
        Ok(Context {
            config: Arc::new(config),
            clock,
            db,
            cache,
        })
    }
}
