//! Operators block users.

use super::review::reject_pending_of;
use crate::identity::{self, User};
use kernel::Context;
use kernel::error::Result;
use kernel::id::{OperatorId, UserId};

/// Blocks a user; in the same transaction what they asked to be paid and is not yet with the partner is refused with the
/// same reason.
///
/// # Errors
/// 1403 naming `reason` when it is empty or too long, 1404; 503 while a settlement holds the wallet.
pub async fn block_user(context: &Context, operator: OperatorId, user: UserId, reason: &str) -> Result<User> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let blocked = identity::block(&txn, operator, user, reason, now).await?;
    reject_pending_of(&txn, user, reason, now).await?;
    txn.commit().await?;
    Ok(blocked)
}
