//! Operators block users, and let them go again.

use super::model::{User, UserStatus};
use super::repo::users as repo;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{OperatorId, UserId};
use sea_orm::ConnectionTrait;

/// Blocks a user, in the caller's transaction: what they asked to be paid has to be refused in the same one.
///
/// # Errors
/// 1403 naming `reason` when it is empty or too long, 1404.
pub async fn block(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    user: UserId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<User> {
    set_blocked(conn, operator, user, Change::Block, reason, now).await
}

/// Lets a user go again. Nothing that was refused meanwhile comes back: they ask anew.
///
/// # Errors
/// 1403 naming `reason` when it is empty or too long, 1404.
pub async fn unblock(context: &Context, operator: OperatorId, user: UserId, reason: &str) -> Result<User> {
    let txn = context.db.begin().await?;
    let found = set_blocked(&txn, operator, user, Change::Unblock, reason, context.clock.now()).await?;
    txn.commit().await?;
    Ok(found)
}

#[derive(Clone, Copy)]
enum Change {
    Block,
    Unblock,
}

/// Twice is once: the second time changes nothing, and the trail tells only what changed something.
async fn set_blocked(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    user: UserId,
    change: Change,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<User> {
    let reason = given_reason(reason)?;
    let (from, to, action) = match change {
        Change::Block => (UserStatus::Normal, UserStatus::Blocked, "block_user"),
        Change::Unblock => (UserStatus::Blocked, UserStatus::Normal, "unblock_user"),
    };
    let changed = repo::set_status(conn, user, from, to, now).await?;
    let found = repo::by_id(conn, user)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    if changed {
        let detail = serde_json::json!({ "reason": reason });
        audit::record(conn, operator, action, &format!("user:{user}"), detail, now).await?;
    }
    Ok(found)
}
