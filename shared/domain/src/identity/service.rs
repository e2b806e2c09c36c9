//! Use cases of users, within the caller's transaction where they are part of a larger one.

use super::model::{ChatProfile, User};
use super::repo;
use crate::tracking::{self, BusinessEvent};
use chrono::{DateTime, Utc};
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::ConnectionTrait;
use transport::UserCode;

/// The user with this chat code, unless deleted.
///
/// # Errors
/// What PostgreSQL says.
pub async fn by_code(conn: &impl ConnectionTrait, code: &UserCode) -> Result<Option<User>> {
    repo::by_code(conn, code).await
}

/// The user with this id, unless deleted.
///
/// # Errors
/// What PostgreSQL says.
pub async fn by_id(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>> {
    repo::by_id(conn, id).await
}

/// Notes that the user has imported a group.
///
/// # Errors
/// What PostgreSQL says.
pub async fn note_import(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<()> {
    repo::note_import(conn, user, now).await
}

/// The user with this chat code, made if there is none; true when made. A new user has a wallet and is announced.
///
/// # Errors
/// 1404 when the code belongs to a deleted user; what PostgreSQL says.
pub async fn meet(
    conn: &impl ConnectionTrait,
    code: &UserCode,
    profile: &ChatProfile,
    now: DateTime<Utc>,
) -> Result<(User, bool)> {
    let made = match repo::by_code(conn, code).await? {
        Some(user) => return Ok((user, false)),
        None => repo::insert_by_code(conn, UserId::new(), code, profile, now).await?,
    };
    let user = repo::by_code(conn, code)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    if made {
        tracking::announce(conn, now, vec![BusinessEvent::UserRegistered { user: user.id }]).await?;
    }
    Ok((user, made))
}
