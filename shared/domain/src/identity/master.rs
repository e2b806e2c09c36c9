//! Who invited a user, as persons.

use super::model::User;
use super::repo::users as repo;
use crate::referral;
use kernel::error::Result;
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
