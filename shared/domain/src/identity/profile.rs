//! What users tell of themselves, and what operators do about users.

use super::id_card::IdCard;
use super::model::{User, UserFilter};
use super::phone::Phone;
use super::{repo as chat_repo, sms_code, user_repo as repo};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, UserId};
use kernel::page::{Page, Paged};
use sea_orm::ConnectionTrait;

/// Binds a phone, proven by a code. The code is used up even where the phone turns out to be taken.
///
/// # Errors
/// 2301 or 2302 when the code is wrong or void, 2303 when the phone is another user's; 503 when a store is away.
pub async fn bind_phone(context: &Context, user: UserId, phone: &Phone, code: &str) -> Result<()> {
    sms_code::redeem(context, phone, code).await?;
    match repo::put_phone(context.db.read(), user, phone.as_str(), context.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::new(
            Code::PhoneHasRegist,
            "the phone belongs to another account",
        )),
    }
}

/// Puts the ID card on file, sealed; only support can change it afterwards.
///
/// # Errors
/// 1403 naming `name` or `id_number`, 2004 when there is one on file; what PostgreSQL says.
pub async fn file_id_card(context: &Context, user: UserId, name: &str, number: &str) -> Result<()> {
    let card = IdCard::new(name, number, context.clock.today().date())?;
    let sealed = card.sealed_for(&context.data_keys()?, user)?;
    match repo::put_id_card(context.db.read(), user, sealed, context.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::new(
            Code::CreatedFailed,
            "an ID card is on file already, support can change it",
        )),
    }
}

/// Blocks a user, in the caller's transaction: what they asked to be paid has to be refused in the same one.
///
/// # Errors
/// 1403 naming `reason` when it is empty, 1404; what PostgreSQL says.
pub async fn block(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    user: UserId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<User> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::params("reason", "must have 1 to 500 characters"));
    }
    repo::block(conn, user, now).await?;
    let found = chat_repo::by_id(conn, user)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let detail = serde_json::json!({ "reason": reason });
    audit::record(conn, operator, "block_user", &format!("user:{user}"), detail, now).await?;
    Ok(found)
}

/// One page of users, newest first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list(conn: &impl ConnectionTrait, filter: &UserFilter, page: Page) -> Result<Paged<User>> {
    repo::list(conn, filter, page).await
}
