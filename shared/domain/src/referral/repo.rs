//! Every query of the room.

use super::model::DiscipleCounts;
use crate::referral::entity::referral::Entity;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::db::{self, lock::Lock};
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

/// Lets one transaction at a time change the tree: two that each look harmless can close a cycle together. Whoever also
/// locks users takes this lock first; `set_master` takes it by itself.
pub async fn serialise(conn: &impl ConnectionTrait) -> Result<()> {
    Lock::Referrals.wait(conn).await
}

/// Everybody above the user, nearest first.
pub(super) async fn line_above(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<UserId>> {
    let sql = "WITH RECURSIVE line (id, level) AS (
                   SELECT master_id, 1 FROM referrals WHERE user_id = $1 AND master_id IS NOT NULL
                   UNION ALL
                   SELECT r.master_id, line.level + 1 FROM line JOIN referrals r ON r.user_id = line.id
                   WHERE r.master_id IS NOT NULL)
               CYCLE id SET looped USING path
               SELECT id FROM line WHERE NOT looped ORDER BY level";
    let ids: Vec<Uuid> = db::fetch_column(conn, sql, [user.into()]).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

pub(super) async fn master_of(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<UserId>> {
    let row = Entity::find_by_id(user).one(conn).await?;
    Ok(row.and_then(|row| row.master_id))
}

/// False when the user has a row already.
pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    user: UserId,
    master: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO referrals (user_id, master_id, created_at) VALUES ($1, $2, $3)
               ON CONFLICT (user_id) DO NOTHING";
    let values = [user.into(), master.map(|master| master.0).into(), now.into()];
    Ok(db::execute(conn, sql, values).await? == 1)
}

pub(super) async fn remove(conn: &impl ConnectionTrait, user: UserId) -> Result<()> {
    Entity::delete_by_id(user).exec(conn).await?;
    Ok(())
}

/// Gives `from`'s disciples to `to`; those in `orphans` lose their master instead.
pub(super) async fn move_disciples(
    conn: &impl ConnectionTrait,
    from: UserId,
    to: UserId,
    orphans: Vec<UserId>,
) -> Result<()> {
    let orphans: Vec<Uuid> = orphans.into_iter().map(|user| user.0).collect();
    let sql = "UPDATE referrals SET master_id = CASE WHEN user_id = ANY($3) THEN NULL ELSE $2 END WHERE master_id = $1";
    db::execute(conn, sql, [from.into(), to.into(), orphans.into()])
        .await
        .map(|_| ())
}

/// How many the user invited, and how many those did.
pub async fn disciple_counts(context: &Context, user: UserId) -> Result<DiscipleCounts> {
    let sql = "SELECT count(DISTINCT d.user_id) AS disciples, count(g.user_id) AS grand_disciples
               FROM referrals d LEFT JOIN referrals g ON g.master_id = d.user_id WHERE d.master_id = $1";
    db::fetch_one(context.db.read(), sql, [user.into()]).await
}
