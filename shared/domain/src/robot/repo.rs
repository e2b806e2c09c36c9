//! Robots and friendships. Capacity, choice and accesses keep their queries beside their rules.

use super::model::{ALLOCATABLE, DELETED, Robot, SET_ASIDE};
use crate::robot::entity::robot;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SelectExt};

/// A robot's columns, of a table called `robot`.
pub(super) const COLUMNS: &str = "robot.id, robot.code, robot.name, robot.wechat_no, robot.head_url, robot.qr_code, \
     robot.channel, robot.count_threshold, robot.count_distribute, robot.status";

/// Whether `robot` is offered on `day`; [`super::model::DayCounters::recommendable`] in SQL.
pub(super) const RECOMMENDABLE: &str = "robot.status = 1 AND day.removed_reason IS NULL \
     AND day.activations < day.overage AND day.displays < day.display_limit";

pub(super) async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Robot>> {
    let found = robot::Entity::living().filter(robot::Column::Code.eq(code));
    Ok(found.into_model().one(conn).await?)
}

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    let found = robot::Entity::living().filter(robot::Column::Id.eq(id));
    Ok(found.into_model().one(conn).await?)
}

/// Keeps the robot's row for this transaction. Held by whatever changes it.
pub(super) async fn lock_by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    let sql =
        format!("SELECT {COLUMNS} FROM robots AS robot WHERE id = $1 AND status <> $2 FOR NO KEY UPDATE");
    db::fetch_optional(conn, &sql, [id.into(), DELETED.into()]).await
}

/// The same by its chat code.
pub(super) async fn lock_by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Robot>> {
    let sql =
        format!("SELECT {COLUMNS} FROM robots AS robot WHERE code = $1 AND status <> $2 FOR NO KEY UPDATE");
    db::fetch_optional(conn, &sql, [code.into(), DELETED.into()]).await
}

pub(super) async fn living(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    let found = robot::Entity::living().order_by_asc(robot::Column::Code);
    Ok(found.into_model().all(conn).await?)
}

pub(super) async fn working(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    let found = robot::Entity::find()
        .filter(robot::Column::Status.is_in([ALLOCATABLE, SET_ASIDE]))
        .order_by_asc(robot::Column::Id);
    Ok(found.into_model().all(conn).await?)
}

pub(super) async fn is_robot(conn: &impl ConnectionTrait, code: &str) -> Result<bool> {
    let found = robot::Entity::find().filter(robot::Column::Code.eq(code));
    Ok(found.exists(conn).await?)
}

/// Writes a robot down and tells its id, or nothing when the code is taken. A deleted robot with this code is the same
/// account on the chat network: it comes back, and keeps its id, its friends and what it has done today.
pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    new: &Robot,
    now: DateTime<Utc>,
) -> Result<Option<RobotId>> {
    let sql = "INSERT INTO robots AS robot (id, code, name, wechat_no, head_url, qr_code, channel, count_threshold,
                                            count_distribute, status, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
               ON CONFLICT (code) DO UPDATE
               SET name = excluded.name, wechat_no = excluded.wechat_no, head_url = excluded.head_url,
                   qr_code = excluded.qr_code, channel = excluded.channel, count_threshold = excluded.count_threshold,
                   count_distribute = excluded.count_distribute, status = excluded.status, updated_at = excluded.updated_at
               WHERE robot.status = $12
               RETURNING id";
    let values = [
        new.id.into(),
        new.code.clone().into(),
        new.name.clone().into(),
        new.wechat_no.clone().into(),
        new.head_url.clone().into(),
        new.qr_code.clone().into(),
        new.channel.clone().into(),
        new.count_threshold.into(),
        new.count_distribute.into(),
        new.status.into(),
        now.into(),
        DELETED.into(),
    ];
    db::fetch_scalar(conn, sql, values).await
}

/// Writes what operators say of a robot.
pub(super) async fn describe(conn: &impl ConnectionTrait, robot: &Robot, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE robots SET name = $2, wechat_no = $3, head_url = $4, qr_code = $5, channel = $6,
                      count_threshold = $7, updated_at = $8
               WHERE id = $1";
    let values = [
        robot.id.into(),
        robot.name.clone().into(),
        robot.wechat_no.clone().into(),
        robot.head_url.clone().into(),
        robot.qr_code.clone().into(),
        robot.channel.clone().into(),
        robot.count_threshold.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

pub(super) async fn set_status(
    conn: &impl ConnectionTrait,
    id: RobotId,
    status: i16,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE robots SET status = $2, updated_at = $3 WHERE id = $1";
    db::execute(conn, sql, [id.into(), status.into(), now.into()])
        .await
        .map(|_| ())
}

/// True when they were no friends before.
pub(super) async fn befriend(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql =
        "INSERT INTO friendships (robot_id, user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(db::execute(conn, sql, [robot.into(), user.into(), now.into()]).await? == 1)
}

pub(super) async fn record_distribution(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO robot_distributions (robot_id, user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db::execute(conn, sql, [robot.into(), user.into(), now.into()])
        .await
        .map(|_| ())
}

/// The newest friend of a user that can speak: neither deleted nor blocked, nor `without`.
pub(super) async fn newest_friend(
    conn: &impl ConnectionTrait,
    user: UserId,
    without: Option<RobotId>,
) -> Result<Option<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM friendships AS friend JOIN robots AS robot ON robot.id = friend.robot_id
         WHERE friend.user_id = $1 AND robot.status IN (1, 2) AND robot.id IS DISTINCT FROM $2
         ORDER BY friend.created_at DESC, robot.id DESC LIMIT 1"
    );
    db::fetch_optional(conn, &sql, [user.into(), without.map(|robot| robot.0).into()]).await
}
