//! Logging in as a user: the proof, then the user it proves, who comes to be if they were not known.

use super::limit::Limit;
use super::model::{User, WechatProfile};
use super::phone::Phone;
use super::registered::UserRegistered;
use super::repo::users::{self as repo, Key};
use super::sms_code;
use super::token::UserClaims;
use super::token::WechatIds;

use crate::tracking;
use kernel::Context;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use partners::wechat::WechatOauth;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::net::IpAddr;
use std::time::Duration;

/// Logins of users from one address in a minute: whole companies share one.
const PER_ADDRESS: u32 = 300;

/// Logs in by a code sent to the phone.
///
/// # Errors
/// 2301 or 2302 when the code is wrong or void, 1429 above the limits, 503 when a store is away.
pub async fn by_phone(context: &Context, phone: &Phone, code: &str, address: IpAddr) -> Result<User> {
    charge(context, address).await?;
    sms_code::redeem(context, phone, code).await?;
    let transaction = context.db.begin().await?;
    let user = known_or_new(context, &transaction, Key::Phone, phone.as_str()).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Logs in by a code of WeChat's OAuth.
///
/// # Errors
/// What WeChat's client says; 1429 above the limits, 503 when a store is away.
pub async fn by_wechat(
    context: &Context,
    oauth: &WechatOauth,
    code: &str,
    address: IpAddr,
) -> Result<(User, WechatProfile)> {
    charge(context, address).await?;
    if code.trim().is_empty() {
        return Err(Error::params("code", "must be the code WeChat gave"));
    }
    let identity = oauth.identify(code.trim()).await?;
    let union_id = identity.union_id.ok_or_else(|| {
        let refused = Error::new(Code::WechatAuthError, "WeChat told no union_id");
        refused.with_data(serde_json::json!({ "reason": "no_union_id" }))
    })?;
    let profile = WechatProfile {
        ids: WechatIds {
            union_id,
            open_id: identity.open_id,
        },
        nickname: identity.nickname,
        head_url: identity.head_url,
    };
    let transaction = context.db.begin().await?;
    let user = known_or_new(context, &transaction, Key::UnionId, &profile.ids.union_id).await?;
    repo::refresh_wechat(&transaction, user.id, &profile, context.clock.now()).await?;
    transaction.commit().await?;
    Ok((user, profile))
}

/// Who a token stands for by now: a WeChat login's user may have been joined with another since. None when deleted.
pub async fn subject(conn: &impl ConnectionTrait, claims: &UserClaims) -> Result<Option<UserId>> {
    let user = match &claims.wechat {
        Some(ids) => repo::by_key(conn, Key::UnionId, &ids.union_id).await?,
        None => repo::by_id(conn, claims.user).await?,
    };
    Ok(user.map(|user| user.id))
}

async fn charge(context: &Context, address: IpAddr) -> Result<()> {
    let limit = Limit {
        key: format!("GPET:LOGIN:USERS_{address}"),
        most: PER_ADDRESS,
        window: Duration::from_secs(60),
        code: Code::TooManyRequests,
    };
    limit.charge(&context.cache).await
}

async fn known_or_new(
    context: &Context,
    transaction: &DatabaseTransaction,
    key: Key,
    value: &str,
) -> Result<User> {
    if let Some(user) = repo::by_key(transaction, key, value).await? {
        return Ok(user);
    }
    let (id, now) = (UserId::new(), context.clock.now());
    if repo::insert_by_key(transaction, key, value, id, now).await? {
        tracking::announce(transaction, now, &[UserRegistered { user: id }]).await?;
    }
    // Whoever was faster made the same user.
    let user = repo::by_key(transaction, key, value).await?;
    user.ok_or_else(|| Error::not_found("user"))
}
