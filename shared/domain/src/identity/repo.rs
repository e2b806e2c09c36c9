//! Every query of the room.

use super::model::{ChatProfile, User};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::ConnectionTrait;
use transport::UserCode;

pub(super) const USER: &str =
    "SELECT id, code, union_id, open_id, nickname, head_url, phone, channel, status,
                           identity_card IS NOT NULL AS has_id_card, created_at FROM users";

pub(super) async fn by_code(conn: &impl ConnectionTrait, code: &UserCode) -> Result<Option<User>> {
    db::fetch_optional(
        conn,
        &format!("{USER} WHERE code = $1 AND status <> 3"),
        [code.into()],
    )
    .await
}

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>> {
    db::fetch_optional(
        conn,
        &format!("{USER} WHERE id = $1 AND status <> 3"),
        [id.into()],
    )
    .await
}

/// Inserts the user and their wallet; false when the code is taken.
pub(super) async fn insert_by_code(
    conn: &impl ConnectionTrait,
    id: UserId,
    code: &UserCode,
    profile: &ChatProfile,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "WITH new AS (
                   INSERT INTO users (id, code, nickname, head_url, channel, created_at, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (code) DO NOTHING RETURNING id)
               INSERT INTO accounts (user_id) SELECT id FROM new";
    let values = [
        id.into(),
        code.into(),
        profile.nickname.clone().into(),
        profile.head_url.clone().into(),
        profile.channel.clone().into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

pub(super) async fn note_import(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE users SET has_imported = true, updated_at = $2 WHERE id = $1 AND NOT has_imported";
    db::execute(conn, sql, [user.into(), now.into()])
        .await
        .map(|_| ())
}
