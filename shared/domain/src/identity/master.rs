//! Who invited a user, as persons.

use super::model::{User, UserWithMaster};
use super::repo::users as repo;
use crate::referral;
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// The user's master and grand-master, nearest first.
pub async fn chain_above(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<User>> {
    let above = referral::above(conn, user).await?;
    let mut chain = Vec::new();
    for id in [above.master, above.grand_master].into_iter().flatten() {
        chain.extend(repo::by_id(conn, id).await?);
    }
    Ok(chain)
}

/// A user, and what their master is called.
///
/// # Errors
/// 1404 when there is no such user.
pub async fn get_with_master(context: &Context, user: UserId) -> Result<UserWithMaster> {
    let found = repo::with_master(context.db.read(), user).await?;
    found.ok_or_else(|| Error::not_found("user"))
}
