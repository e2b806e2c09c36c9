//! How often something may be tried. Counted in Redis, over all replicas; without Redis it is refused.

use deadpool_redis::redis::Script;
use kernel::cache::Cache;
use kernel::code::Code;
use kernel::error::{Error, Result};
use std::time::Duration;

/// So many tries within a window that starts with the first.
pub(super) struct Limit {
    pub key: String,
    pub most: u32,
    pub window: Duration,
    /// What the client hears: 1429 or 2304.
    pub code: Code,
}

impl Limit {
    /// Counts a try.
    ///
    /// # Errors
    /// The limit's code when there were too many; 503 when Redis is away.
    pub async fn charge(&self, cache: &Cache) -> Result<()> {
        if cache.count(&self.key, self.window).await? <= self.most {
            return Ok(());
        }
        metrics::counter!("gpet_limits_refused_total", "code" => self.code.number().to_string()).increment(1);
        let left: i64 = cache
            .run(deadpool_redis::redis::cmd("TTL").arg(&self.key))
            .await?;
        Err(Error::too_many(
            self.code,
            u32::try_from(left).unwrap_or(1).max(1),
        ))
    }

    /// Takes a try back: it did no harm.
    ///
    /// # Errors
    /// 503 when Redis is away.
    pub async fn refund(&self, cache: &Cache) -> Result<()> {
        // Only where the counter still lives: a bare DECR would make one that never ends.
        let script =
            Script::new("if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end");
        let mut connection = cache.get().await?;
        Ok(script.key(&self.key).invoke_async(&mut connection).await?)
    }
}
