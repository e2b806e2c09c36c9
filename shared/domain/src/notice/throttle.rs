//! Notices that must not repeat within a while.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::crypto;
use kernel::db;
use kernel::error::Result;
use kernel::external::index_key;
use sea_orm::ConnectionTrait;

/// The key of something that must not repeat for the same codes. Hashed, because codes of any length must fit an index;
/// JSON keeps them apart, so that no two lists of codes have one key.
pub fn key(what: &str, codes: &[&str]) -> String {
    let codes = serde_json::json!(codes).to_string();
    format!("{what}:{}", hex::encode(crypto::sha256(codes.as_bytes())))
}

/// Claims a notice for `window`; false when it was claimed within it already. Undone with the caller's transaction.
///
/// # Errors
/// What PostgreSQL says.
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
///
/// # Errors
/// What PostgreSQL says.
pub async fn forget(conn: &impl ConnectionTrait, keys: Vec<String>) -> Result<()> {
    let keys: Vec<String> = keys.into_iter().map(index_key).collect();
    let sql = "DELETE FROM notice_throttles WHERE key = ANY($1)";
    db::execute(conn, sql, [keys.into()]).await.map(|_| ())
}

/// Drops claims whose windows have passed.
///
/// # Errors
/// What PostgreSQL says.
pub async fn sweep(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    let sql = "DELETE FROM notice_throttles WHERE expires_at < $1";
    db::execute(conn, sql, [now.into()]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_colons_do_not_run_into_each_other() {
        assert_ne!(key("bound", &["a:b", "c"]), key("bound", &["a", "b:c"]));
        assert_ne!(
            key("bound", &["other:G", "other:R"]),
            key("bound", &["other", "G:other:R"])
        );
        assert_ne!(key("bound", &["G"]), key("occupied", &["G"]));
        let long = "😀".repeat(255);
        assert!(key("wait_for_bind", &[&long, &long, &long]).len() < 100);
    }
}
