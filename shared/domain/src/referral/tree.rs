//! The tree grows, is looked up, and is handed over when two rows turn out to be one person; all in the caller's transaction.

use super::model::Above;
use super::repo;
use chrono::{DateTime, Utc};
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// Writes down who invited the user, once and for all; false when that was written before. Nobody is a master too.
///
/// # Errors
/// 1403 naming `master` when it is the user, or stands below the user.
pub async fn set_master(
    conn: &impl ConnectionTrait,
    user: UserId,
    master: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    repo::serialise(conn).await?;
    if let Some(master) = master
        && (master == user || repo::line_above(conn, master).await?.contains(&user))
    {
        return Err(Error::params("master", "stands below the user"));
    }
    repo::insert(conn, user, master, now).await
}

/// Master and grand-master of the user.
pub async fn above(conn: &impl ConnectionTrait, user: UserId) -> Result<Above> {
    let mut line = repo::line_above(conn, user).await?.into_iter();
    Ok(Above {
        master: line.next(),
        grand_master: line.next(),
    })
}

/// Two rows turn out to be one person: `to` takes `from`'s place as a master, and `from` leaves the tree. Returns the
/// master `from` had.
pub async fn hand_over(conn: &impl ConnectionTrait, from: UserId, to: UserId) -> Result<Option<UserId>> {
    repo::serialise(conn).await?;
    let master = repo::master_of(conn, from).await?.filter(|master| *master != to);
    // Disciples of `from` that stand above `to` cannot stand below it.
    let mut orphans = repo::line_above(conn, to).await?;
    orphans.push(to);
    repo::remove(conn, from).await?;
    repo::move_disciples(conn, from, to, orphans).await?;
    Ok(master)
}
