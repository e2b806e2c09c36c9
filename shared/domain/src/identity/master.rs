//! Who invited a user, as persons.

use super::model::User;
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

/// A user, and their master, if they have one who is still there.
///
/// # Errors
/// 1404 when there is no such user.
pub async fn get_with_master(context: &Context, user: UserId) -> Result<(User, Option<User>)> {
    let conn = context.db.read();
    let found = repo::by_id(conn, user).await?;
    let master = match referral::above(conn, user).await?.master {
        Some(master) => repo::by_id(conn, master).await?,
        None => None,
    };
    Ok((found.ok_or_else(|| Error::not_found("user"))?, master))
}
