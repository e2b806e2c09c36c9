//! Queries of joining: two rows become one person.

use crate::identity::model::{SPEAKING_ROBOTS, UserStatus};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use transport::{RobotCode, UserCode};
use uuid::Uuid;

/// Forgets uses of links before `$1`, at most `$2` of them.
pub const FORGET_LINK_USES: &str = "DELETE FROM link_token_uses WHERE token_id IN (
    SELECT token_id FROM link_token_uses WHERE used_at < $1 ORDER BY used_at LIMIT $2)";

/// `guest` gives all that names the person to `user`, except a name where there is one already, and no longer exists afterwards. What `guest`
/// has sealed, `reseal` seals for `user`.
pub(in super::super) async fn merge(
    conn: &impl ConnectionTrait,
    reseal: impl FnOnce(Vec<u8>) -> Result<Vec<u8>>,
    guest: UserId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    // Two statements, because unique columns cannot hold a value twice even for a moment.
    let sql = "WITH old AS (SELECT * FROM users WHERE id = $1),
                    gone AS (UPDATE users SET status = $3, union_id = NULL, open_id = NULL, phone = NULL,
                                    identity_card = NULL, updated_at = $2 WHERE id = $1)
               SELECT union_id, open_id, phone, nickname, head_url, channel, identity_card FROM old";
    let old: Option<Guest> =
        db::fetch_optional(conn, sql, [guest.into(), now.into(), UserStatus::Deleted.into()]).await?;
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
pub(in super::super) async fn joined_by_link(
    conn: &impl ConnectionTrait,
    link: Uuid,
) -> Result<Option<UserId>> {
    let sql = "SELECT user_id FROM link_token_uses WHERE token_id = $1";
    let id: Option<Uuid> = db::fetch_scalar(conn, sql, [link.into()]).await?;
    Ok(id.map(UserId))
}

/// Uses a link; false when it has been used.
pub(in super::super) async fn use_link(
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
pub(in super::super) async fn sharer(conn: &impl ConnectionTrait, union_id: &str) -> Result<Option<UserId>> {
    let sql = "SELECT a.sharing_user_id FROM robot_accesses a JOIN users u ON u.id = a.sharing_user_id
               WHERE a.union_id = $1 AND u.status <> $2";
    let values = [union_id.into(), UserStatus::Deleted.into()];
    let id: Option<Uuid> = db::fetch_scalar(conn, sql, values).await?;
    Ok(id.map(UserId))
}

/// Notes that a user has a disciple, and tells the robot they befriended last and their chat code.
pub(in super::super) async fn got_disciple(
    conn: &impl ConnectionTrait,
    master: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Acquaintance>> {
    let sql = "UPDATE users SET has_apprentice = true, updated_at = $2 WHERE id = $1 AND NOT has_apprentice";
    db::execute(conn, sql, [master.into(), now.into()]).await?;
    let [offered, set_aside] = SPEAKING_ROBOTS;
    let sql = format!(
        "SELECT r.code AS robot_code, u.code AS user_code
         FROM friendships f JOIN robots r ON r.id = f.robot_id JOIN users u ON u.id = f.user_id
         WHERE f.user_id = $1 AND r.status IN ({offered}, {set_aside}) AND u.code IS NOT NULL
         ORDER BY f.created_at DESC LIMIT 1"
    );
    db::fetch_optional(conn, &sql, [master.into()]).await
}

/// A robot and a user who know each other.
#[derive(FromQueryResult)]
pub(in super::super) struct Acquaintance {
    pub robot_code: RobotCode,
    pub user_code: UserCode,
}
