//! Queries of users.

use crate::identity::entity::user::{Column, Entity};
use crate::identity::model::{
    ChatProfile, Level, User, UserFilter, UserStatus, UserWithMaster, WechatProfile,
};
use crate::ledger;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use kernel::listing::{self, Listing};
use kernel::page::{Page, Paged};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, Iterable, QueryFilter, QuerySelect, Value};
use transport::UserCode;
use uuid::Uuid;

/// The columns of [`User`], of users that are not deleted: `$1` is for the condition, which follows.
const USER: &str = "SELECT id, code, union_id, open_id, nickname, head_url, phone, channel, status,
                           identity_card IS NOT NULL AS has_id_card, created_at FROM users WHERE status <> $2 AND";

/// Columns by which a person is known from outside; each is unique.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Key {
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

/// The user with this chat code, unless deleted.
pub async fn by_code(conn: &impl ConnectionTrait, code: &UserCode) -> Result<Option<User>> {
    living(conn, "code = $1", code.into()).await
}

/// The user with this id, unless deleted.
pub async fn by_id(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>> {
    living(conn, "id = $1", id.into()).await
}

/// The user with this id, unless deleted, and what their master is called, in one round trip: every page of the app asks.
pub async fn with_master(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<UserWithMaster>> {
    let sql = "SELECT u.id, u.code, u.union_id, u.open_id, u.nickname, u.head_url, u.phone, u.channel, u.status,
                      u.identity_card IS NOT NULL AS has_id_card, u.created_at, master.nickname AS master_nickname
               FROM users AS u LEFT JOIN referrals AS tree ON tree.user_id = u.id
                   LEFT JOIN users AS master ON master.id = tree.master_id AND master.status <> $2
               WHERE u.id = $1 AND u.status <> $2";
    db::fetch_optional(conn, sql, [id.into(), UserStatus::Deleted.into()]).await
}

async fn living(conn: &impl ConnectionTrait, condition: &str, value: Value) -> Result<Option<User>> {
    let sql = format!("{USER} {condition}");
    db::fetch_optional(conn, &sql, [value, UserStatus::Deleted.into()]).await
}

pub(in super::super) async fn by_key(
    conn: &impl ConnectionTrait,
    key: Key,
    value: &str,
) -> Result<Option<User>> {
    living(conn, &format!("{} = $1", key.column()), value.into()).await
}

/// Locks these users, in the order of their ids.
pub(in super::super) async fn lock(conn: &impl ConnectionTrait, ids: [UserId; 2]) -> Result<Vec<User>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let sql = format!("{USER} id = ANY($1) ORDER BY id FOR UPDATE");
    db::fetch_all(conn, &sql, [ids.into(), UserStatus::Deleted.into()]).await
}

/// Inserts the user and their wallet; false when the code is taken.
pub(in super::super) async fn insert_by_code(
    conn: &impl ConnectionTrait,
    id: UserId,
    code: &UserCode,
    profile: &ChatProfile,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO users (id, code, nickname, head_url, channel, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (code) DO NOTHING";
    let values = [
        id.into(),
        code.into(),
        profile.nickname.clone().into(),
        profile.head_url.clone().into(),
        profile.channel.clone().into(),
        now.into(),
    ];
    with_wallet(conn, id, db::execute(conn, sql, values).await?).await
}

/// Inserts the user and their wallet; false when the key's value is taken.
pub(in super::super) async fn insert_by_key(
    conn: &impl ConnectionTrait,
    key: Key,
    value: &str,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let column = key.column();
    let sql = format!(
        "INSERT INTO users (id, {column}, created_at, updated_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT ({column}) DO NOTHING"
    );
    let rows = db::execute(conn, &sql, [id.into(), value.into(), now.into()]).await?;
    with_wallet(conn, id, rows).await
}

async fn with_wallet(conn: &impl ConnectionTrait, id: UserId, inserted: u64) -> Result<bool> {
    if inserted == 1 {
        ledger::open_wallet(conn, id).await?;
    }
    Ok(inserted == 1)
}

/// What WeChat says of them; what it leaves out stays, and so does the name people know from the chat. A new open_id
/// replaces the old one, as after a change of app.
pub(in super::super) async fn refresh_wechat(
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

/// Notes that the user has imported a group.
pub async fn note_import(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE users SET has_imported = true, updated_at = $2 WHERE id = $1 AND NOT has_imported";
    db::execute(conn, sql, [user.into(), now.into()])
        .await
        .map(|_| ())
}

/// False when the phone is somebody else's.
pub(in super::super) async fn put_phone(
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
pub(in super::super) async fn put_id_card(
    conn: &impl ConnectionTrait,
    id: UserId,
    sealed: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE users SET identity_card = $2, updated_at = $3 WHERE id = $1 AND identity_card IS NULL";
    Ok(db::execute(conn, sql, [id.into(), sealed.into(), now.into()]).await? == 1)
}

/// Moves the user from one status to the other; false when they are not in the first.
pub(in super::super) async fn set_status(
    conn: &impl ConnectionTrait,
    id: UserId,
    from: UserStatus,
    to: UserStatus,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE users SET status = $3, updated_at = $4 WHERE id = $1 AND status = $2";
    Ok(db::execute(conn, sql, [id.into(), from.into(), to.into(), now.into()]).await? == 1)
}

/// One page of users.
pub async fn list(context: &Context, filter: UserFilter, page: Page) -> Result<Paged<User>> {
    let found = Entity::living()
        .select_only()
        .columns(Column::iter().filter(|column| !matches!(column, Column::IdentityCard)))
        .column_as(Column::IdentityCard.is_not_null(), "has_id_card")
        .filter(conditions(&filter));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}

/// Those whom the user invited (level 1), or whom those invited (level 2), newest first.
pub async fn disciples(context: &Context, master: UserId, level: Level, page: Page) -> Result<Paged<User>> {
    let below = match level {
        Level::Disciples => "SELECT user_id FROM referrals WHERE master_id = $1",
        Level::GrandDisciples => {
            "SELECT below.user_id FROM referrals AS above JOIN referrals AS below ON below.master_id = above.user_id
             WHERE above.master_id = $1"
        }
    };
    let from = format!("users WHERE id IN ({below}) AND status <> $2");
    let listing = Listing {
        columns: "id, code, union_id, open_id, nickname, head_url, phone, channel, status,
                  identity_card IS NOT NULL AS has_id_card, created_at",
        from: &from,
        order: "created_at DESC, id DESC",
    };
    let values = vec![master.into(), UserStatus::Deleted.into()];
    listing.page(context.db.read(), values, page).await
}

fn conditions(filter: &UserFilter) -> Condition {
    let is = |column: Column, value: &Option<String>| value.as_deref().map(|value| column.eq(value));
    // A prefix, so that an index serves it.
    let begins = filter
        .nickname
        .as_deref()
        .map(|start| Expr::cust_with_values("users.nickname COLLATE \"C\" LIKE $1", [prefix(start)]));
    Condition::all()
        .add_option(is(Column::Phone, &filter.phone))
        .add_option(filter.code.as_ref().map(|code| Column::Code.eq(code)))
        .add_option(is(Column::Channel, &filter.channel))
        .add_option(begins)
        .add_option(filter.status.map(|status| Column::Status.eq(status)))
        .add(filter.created.instants(Column::CreatedAt))
}

/// A pattern for what begins so; the signs of LIKE stand for themselves.
fn prefix(start: &str) -> String {
    let mut pattern = String::with_capacity(start.len() + 1);
    for sign in start.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}
