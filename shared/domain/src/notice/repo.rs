//! Claims on notices that must not repeat within a while.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::external::index_key;
use sea_orm::ConnectionTrait;

/// Claims a notice for `window`; false when it was claimed within it already. Undone with the caller's transaction.
pub async fn claim(
    conn: &impl ConnectionTrait,
    key: String,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO notice_throttles AS old (key, expires_at) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE old.expires_at <= $3";
    let key = index_key(key);
    Ok(db::execute(conn, sql, [key.into(), (now + window).into(), now.into()]).await? == 1)
}

/// Lets these keys count as first again.
pub async fn forget(conn: &impl ConnectionTrait, keys: Vec<String>) -> Result<()> {
    let keys: Vec<String> = keys.into_iter().map(index_key).collect();
    let sql = "DELETE FROM notice_throttles WHERE key = ANY($1)";
    db::execute(conn, sql, [keys.into()]).await.map(|_| ())
}

/// Drops claims whose windows have passed.
pub async fn sweep(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    let sql = "DELETE FROM notice_throttles WHERE expires_at < $1";
    db::execute(conn, sql, [now.into()]).await.map(|_| ())
}
