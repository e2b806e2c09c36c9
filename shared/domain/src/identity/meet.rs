//! A robot meets a person.

use super::model::{ChatProfile, User};
use super::registered::UserRegistered;
use super::repo::users as repo;
use crate::tracking;
use chrono::{DateTime, Utc};
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::ConnectionTrait;
use transport::UserCode;

/// The user with this chat code, made if there is none; true when made. A new user has a wallet and is announced.
///
/// # Errors
/// 1404 when the code belongs to a deleted user.
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
        tracking::announce(conn, now, &[UserRegistered { user: user.id }]).await?;
    }
    Ok((user, made))
}
