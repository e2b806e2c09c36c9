//! How often something may be done. Counted in Redis, over all replicas; without Redis it is refused.

use deadpool_redis::redis::Script;
use kernel::cache::Cache;
use kernel::code::Code;
use kernel::error::{Error, Result};
use std::time::Duration;

/// So many times within a window that starts with the first.
pub(super) struct Limit {
    pub key: String,
    pub most: u32,
    pub window: Duration,
    /// What the client hears: 1429 or 2304.
    pub code: Code,
}

/// Counts one more under every key, or under none; answers the place of the limit that was reached, from 1, and the
/// seconds until it ends.
const CHARGE: &str = "
    for place, key in ipairs(KEYS) do
        if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * place - 1]) then
            return {place, redis.call('TTL', key)}
        end
    end
    for place, key in ipairs(KEYS) do
        if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * place]) end
    end
    return {0, 0}";

/// Takes one back under every key whose counter still lives: a bare DECR would make one that never ends.
const REFUND: &str = "
    for _, key in ipairs(KEYS) do
        if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
    end";

impl Limit {
    /// Counts once.
    ///
    /// # Errors
    /// As [`charge`].
    pub async fn charge(&self, cache: &Cache) -> Result<()> {
        charge(cache, std::slice::from_ref(self)).await
    }
}

/// Counts once under all of these limits, or, where one is reached, under none: what is refused costs nothing.
///
/// # Errors
/// The code of the first limit that is reached; 503 when Redis is away.
pub(super) async fn charge(cache: &Cache, limits: &[Limit]) -> Result<()> {
    let script = Script::new(CHARGE);
    let mut call = script.prepare_invoke();
    for limit in limits {
        call.key(&limit.key)
            .arg(limit.most)
            .arg(limit.window.as_secs().max(1));
    }
    let mut connection = cache.get().await?;
    let (place, left): (usize, i64) = call.invoke_async(&mut connection).await?;
    let Some(reached) = place.checked_sub(1).and_then(|place| limits.get(place)) else {
        return Ok(());
    };
    metrics::counter!("gpet_limits_refused_total", "code" => reached.code.number().to_string()).increment(1);
    Err(Error::too_many(
        reached.code,
        u32::try_from(left).unwrap_or(1).max(1),
    ))
}

/// Takes back what [`charge`] counted under these limits: it did not come to it.
///
/// # Errors
/// 503 when Redis is away.
pub(super) async fn refund(cache: &Cache, limits: &[Limit]) -> Result<()> {
    let script = Script::new(REFUND);
    let mut call = script.prepare_invoke();
    for limit in limits {
        call.key(&limit.key);
    }
    let mut connection = cache.get().await?;
    Ok(call.invoke_async(&mut connection).await?)
}
