//! Who invited a user, as a person.

use super::model::User;
use super::repo::users as repo;
use crate::referral;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// The user's master, if they have one who is still there.
///
/// # Errors
/// What PostgreSQL says.
pub async fn master_of(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<User>> {
    match referral::above(conn, user).await?.master {
        Some(master) => repo::by_id(conn, master).await,
        None => Ok(None),
    }
}
