//! Every query of the room, by theme.

pub(super) mod cleanup;
pub(super) mod lists;
pub(super) mod members;
pub(super) mod pending;
pub(super) mod ratings;
pub(super) mod reconciliation;
pub(super) mod stays;
pub(super) mod switches;
pub(super) mod unbinds;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::external::index_key;
use sea_orm::ConnectionTrait;

/// Waits for everybody else who handles something of this chat user, until the transaction ends.
pub(super) async fn lock_user(conn: &impl ConnectionTrait, user_code: &str) -> Result<()> {
    lock(conn, format!("group:user:{user_code}")).await
}

/// Waits for everybody else who handles an event of this group, until the transaction ends. After [`lock_user`].
pub(super) async fn lock_group(conn: &impl ConnectionTrait, group_code: &str) -> Result<()> {
    lock(conn, format!("group:code:{group_code}")).await
}

/// Waits for other lists of ratings: they count the importers' groups of one star.
pub(super) async fn lock_ratings(conn: &impl ConnectionTrait) -> Result<()> {
    lock(conn, "group:ratings".to_owned()).await
}

/// Waits for other clean-ups.
pub(super) async fn lock_cleanup(conn: &impl ConnectionTrait) -> Result<()> {
    lock(conn, "group:cleanup".to_owned()).await
}

async fn lock(conn: &impl ConnectionTrait, name: String) -> Result<()> {
    db::execute(
        conn,
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        [name.into()],
    )
    .await
    .map(|_| ())
}

/// Lets these keys count as first again.
pub(super) async fn forget(conn: &impl ConnectionTrait, keys: Vec<String>) -> Result<()> {
    let keys: Vec<String> = keys.into_iter().map(index_key).collect();
    db::execute(
        conn,
        "DELETE FROM notice_throttles WHERE key = ANY($1)",
        [keys.into()],
    )
    .await
    .map(|_| ())
}

/// What copies of a `wait_for_bind` are known by.
pub(super) fn wait_for_bind_key(group_code: &str, robot_code: &str, user_code: &str) -> String {
    format!("wait_for_bind:{group_code}:{robot_code}:{user_code}")
}

/// Drops what has run out: windows, unbindings whose bind never came, binds nobody answered for a day.
pub(super) async fn sweep(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    let yesterday = now - TimeDelta::days(1);
    for (sql, before) in [
        ("DELETE FROM notice_throttles WHERE expires_at < $1", now),
        ("DELETE FROM unbind_tombstones WHERE expires_at < $1", now),
        ("DELETE FROM pending_binds WHERE expires_at < $1", yesterday),
        ("DELETE FROM early_member_counts WHERE expires_at < $1", yesterday),
    ] {
        db::execute(conn, sql, [before.into()]).await?;
    }
    Ok(())
}
