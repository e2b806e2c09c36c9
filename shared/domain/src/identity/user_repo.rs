//! Queries of logins, profiles and joining.

use super::model::{User, UserFilter, WechatProfile};
use super::repo::USER;
use crate::identity::entity::user::{Column, Entity};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::listing;
use kernel::page::{Page, Paged};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use transport::{RobotCode, UserCode};
use uuid::Uuid;

/// Columns by which a person is known from outside; each is unique.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Phone,
    UnionId,
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Key::Phone => "phone",
            Key::UnionId => "union_id",
        }
    }
}

pub(super) async fn by_key(conn: &impl ConnectionTrait, key: Key, value: &str) -> Result<Option<User>> {
    let sql = format!("{USER} WHERE {} = $1 AND status <> 3", key.column());
    db::fetch_optional(conn, &sql, [value.into()]).await
}

/// Inserts the user and their wallet; false when the key's value is taken.
pub(super) async fn insert_by_key(
    conn: &impl ConnectionTrait,
    key: Key,
    value: &str,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let column = key.column();
    let sql = format!(
        "WITH new AS (
             INSERT INTO users (id, {column}, created_at, updated_at) VALUES ($1, $2, $3, $3)
             ON CONFLICT ({column}) DO NOTHING RETURNING id)
         INSERT INTO accounts (user_id) SELECT id FROM new"
    );
    Ok(db::execute(conn, &sql, [id.into(), value.into(), now.into()]).await? == 1)
}

/// What WeChat says of them; what it leaves out stays, and so does the name people know from the chat. A new open_id
/// replaces the old one, as after a change of app.
pub(super) async fn refresh_wechat(
    conn: &impl ConnectionTrait,
    id: UserId,
    profile: &WechatProfile,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE users SET union_id = $2, open_id = $3, nickname = told.nickname, head_url = told.head_url, updated_at = $6
               FROM (SELECT CASE WHEN code IS NOT NULL AND nickname <> '' OR $4 = '' THEN nickname ELSE $4 END AS nickname,
                            coalesce(nullif($5, ''), head_url) AS head_url
                     FROM users WHERE id = $1) AS told
               WHERE id = $1 AND (union_id, open_id, users.nickname, users.head_url)
                                 IS DISTINCT FROM ($2, $3, told.nickname, told.head_url)";
    let values = [
        id.into(),
        profile.ids.union_id.clone().into(),
        profile.ids.open_id.clone().into(),
        profile.nickname.clone().into(),
        profile.head_url.clone().into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Locks these users, in the order of their ids.
pub(super) async fn lock(conn: &impl ConnectionTrait, ids: [UserId; 2]) -> Result<Vec<User>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let sql = format!("{USER} WHERE id = ANY($1) AND status <> 3 ORDER BY id FOR UPDATE");
    db::fetch_all(conn, &sql, [ids.into()]).await
}

/// Whether the wallet never held anything.
pub(super) async fn wallet_is_empty(conn: &impl ConnectionTrait, id: UserId) -> Result<bool> {
    let sql = "SELECT available = 0 AND held = 0 AND income = 0 AND carried_groups = 0 AND carried_ads = 0
                      AND carried_disciple_groups = 0 AND carried_disciple_ads = 0
               FROM accounts WHERE user_id = $1 FOR UPDATE";
    Ok(db::fetch_scalar(conn, sql, [id.into()]).await?.unwrap_or(true))
}

/// `guest` gives all that names the person to `user`, but for the name where there is one, and is no more. What `guest`
/// has sealed, `reseal` seals for `user`.
pub(super) async fn merge(
    conn: &impl ConnectionTrait,
    reseal: impl FnOnce(Vec<u8>) -> Result<Vec<u8>>,
    guest: UserId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    // Two statements, because unique columns cannot hold a value twice even for a moment.
    let sql = "WITH old AS (SELECT * FROM users WHERE id = $1),
                    gone AS (UPDATE users SET status = 3, union_id = NULL, open_id = NULL, phone = NULL,
                                    identity_card = NULL, updated_at = $2 WHERE id = $1)
               SELECT union_id, open_id, phone, nickname, head_url, channel, identity_card FROM old";
    let old: Option<Guest> = db::fetch_optional(conn, sql, [guest.into(), now.into()]).await?;
    let old = old.ok_or_else(|| Error::not_found("user"))?;
    let identity_card = old.identity_card.map(reseal).transpose()?;
    let sql = "UPDATE users SET union_id = $2, open_id = $3, phone = coalesce(phone, $4),
                      nickname = coalesce(nullif(nickname, ''), $5), head_url = coalesce(nullif($6, ''), head_url),
                      channel = coalesce(channel, (SELECT channel FROM robot_accesses WHERE union_id = $2), $7),
                      identity_card = coalesce(identity_card, $8), updated_at = $9
               WHERE id = $1";
    let values = [
        user.into(),
        old.union_id.into(),
        old.open_id.into(),
        old.phone.into(),
        old.nickname.into(),
        old.head_url.into(),
        old.channel.into(),
        identity_card.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await?;
    let sql = "UPDATE robot_accesses SET sharing_user_id = $2 WHERE sharing_user_id = $1";
    db::execute(conn, sql, [guest.into(), user.into()])
        .await
        .map(|_| ())
}

/// The user whom a link joined with somebody, if it was used.
pub(super) async fn joined_by_link(conn: &impl ConnectionTrait, link: Uuid) -> Result<Option<UserId>> {
    let sql = "SELECT user_id FROM link_token_uses WHERE token_id = $1";
    let id: Option<Uuid> = db::fetch_scalar(conn, sql, [link.into()]).await?;
    Ok(id.map(UserId))
}

/// Uses a link; false when it has been used.
pub(super) async fn use_link(
    conn: &impl ConnectionTrait,
    link: Uuid,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO link_token_uses (token_id, user_id, used_at) VALUES ($1, $2, $3)
               ON CONFLICT (token_id) DO NOTHING";
    Ok(db::execute(conn, sql, [link.into(), user.into(), now.into()]).await? == 1)
}

#[derive(FromQueryResult)]
struct Guest {
    union_id: Option<String>,
    open_id: Option<String>,
    phone: Option<String>,
    nickname: String,
    head_url: String,
    channel: Option<String>,
    identity_card: Option<Vec<u8>>,
}

/// The last who sent this person to a robot: their master, once they complete.
pub(super) async fn sharer(conn: &impl ConnectionTrait, union_id: &str) -> Result<Option<UserId>> {
    let sql = "SELECT a.sharing_user_id FROM robot_accesses a JOIN users u ON u.id = a.sharing_user_id
               WHERE a.union_id = $1 AND u.status <> 3";
    let id: Option<Uuid> = db::fetch_scalar(conn, sql, [union_id.into()]).await?;
    Ok(id.map(UserId))
}

/// Notes that a user has a disciple, and tells the robot they befriended last and their chat code.
pub(super) async fn got_disciple(
    conn: &impl ConnectionTrait,
    master: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Acquaintance>> {
    let sql = "UPDATE users SET has_apprentice = true, updated_at = $2 WHERE id = $1 AND NOT has_apprentice";
    db::execute(conn, sql, [master.into(), now.into()]).await?;
    let sql = "SELECT r.code AS robot_code, u.code AS user_code
               FROM friendships f JOIN robots r ON r.id = f.robot_id JOIN users u ON u.id = f.user_id
               WHERE f.user_id = $1 AND r.status IN (1, 2) AND u.code IS NOT NULL
               ORDER BY f.created_at DESC LIMIT 1";
    db::fetch_optional(conn, sql, [master.into()]).await
}

/// A robot and a user who know each other.
#[derive(FromQueryResult)]
pub(super) struct Acquaintance {
    pub robot_code: RobotCode,
    pub user_code: UserCode,
}

/// False when the phone is somebody else's.
pub(super) async fn put_phone(
    conn: &impl ConnectionTrait,
    id: UserId,
    phone: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE users SET phone = $2, updated_at = $3
               WHERE id = $1 AND NOT EXISTS (SELECT FROM users WHERE phone = $2 AND id <> $1)";
    Ok(db::execute(conn, sql, [id.into(), phone.into(), now.into()]).await? == 1)
}

/// False when there is one already.
pub(super) async fn put_id_card(
    conn: &impl ConnectionTrait,
    id: UserId,
    sealed: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE users SET identity_card = $2, updated_at = $3 WHERE id = $1 AND identity_card IS NULL";
    Ok(db::execute(conn, sql, [id.into(), sealed.into(), now.into()]).await? == 1)
}

pub(super) async fn block(conn: &impl ConnectionTrait, id: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE users SET status = 2, updated_at = $2 WHERE id = $1 AND status = 1";
    db::execute(conn, sql, [id.into(), now.into()]).await.map(|_| ())
}

/// Newest first.
pub(super) async fn list(
    conn: &impl ConnectionTrait,
    filter: &UserFilter,
    page: Page,
) -> Result<Paged<User>> {
    let found = Entity::living()
        .select_only()
        .columns(Column::iter().filter(|column| !matches!(column, Column::IdentityCard)))
        .column_as(Column::IdentityCard.is_not_null(), "has_id_card")
        .apply_if(filter.phone.as_deref(), |found, phone| {
            found.filter(Column::Phone.eq(phone))
        })
        .apply_if(filter.code.as_ref(), |found, code| {
            found.filter(Column::Code.eq(code))
        })
        .apply_if(filter.status, |found, status| {
            found.filter(Column::Status.eq(status))
        })
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id);
    listing::page(conn, found.into_model(), page).await
}
