//! Robots and friendships; the rest of the room's queries by theme.

pub(super) mod accesses;
pub(super) mod acquaintances;
pub(super) mod capacity;
pub(super) mod history;
pub(super) mod incidents;
pub(super) mod lists;
pub(super) mod offers;
pub(super) mod search;

use super::model::{Robot, RobotStatus};
use crate::robot::entity::robot;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SelectExt};
use transport::{RobotCode, RobotProfile, UserCode};

/// A robot's columns, of a table called `robot`.
pub(super) const COLUMNS: &str = "robot.id, robot.code, robot.name, robot.wechat_no, robot.head_url, robot.qr_code, \
     robot.channel, robot.count_threshold, robot.count_distribute, robot.status";

/// Whether `robot` is offered on `day`; [`super::model::DayCounters::recommendable`] in SQL.
pub(super) fn recommendable() -> String {
    format!(
        "robot.status = {allocatable} AND day.removed_reason IS NULL
         AND day.activations < day.overage AND day.displays < day.display_limit",
        allocatable = RobotStatus::Allocatable
    )
}

/// The robot with this code, unless deleted.
pub async fn by_code(conn: &impl ConnectionTrait, code: &RobotCode) -> Result<Option<Robot>> {
    let found = robot::Entity::living().filter(robot::Column::Code.eq(code));
    Ok(found.into_model().one(conn).await?)
}

/// The robot with this id, unless deleted.
pub async fn by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    let found = robot::Entity::living().filter(robot::Column::Id.eq(id));
    Ok(found.into_model().one(conn).await?)
}

/// The robot with this id, unless deleted; locked as by [`lock_by_code`].
pub async fn lock_by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM robots AS robot WHERE id = $1 AND status <> {deleted} FOR NO KEY UPDATE",
        deleted = RobotStatus::Deleted
    );
    db::fetch_optional(conn, &sql, [id.into()]).await
}

/// The robot with this code, unless deleted; locked, so that what is promised of it is counted once, and held by whatever
/// changes its status. Locked before its groups, everywhere.
pub async fn lock_by_code(conn: &impl ConnectionTrait, code: &RobotCode) -> Result<Option<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM robots AS robot WHERE code = $1 AND status <> {deleted} FOR NO KEY UPDATE",
        deleted = RobotStatus::Deleted
    );
    db::fetch_optional(conn, &sql, [code.into()]).await
}

pub(super) async fn living(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    let found = robot::Entity::living().order_by_asc(robot::Column::Code);
    Ok(found.into_model().all(conn).await?)
}

/// Robots that are neither deleted nor blocked, by id.
pub async fn working(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    let found = robot::Entity::find()
        .filter(robot::Column::Status.is_in([RobotStatus::Allocatable, RobotStatus::SetAside]))
        .order_by_asc(robot::Column::Id);
    Ok(found.into_model().all(conn).await?)
}

/// Whether a member of a group is one of our robots.
pub async fn is_robot(conn: &impl ConnectionTrait, member: &UserCode) -> Result<bool> {
    let found = robot::Entity::find().filter(robot::Column::Code.eq(member.as_str()));
    Ok(found.exists(conn).await?)
}

/// Whether a robot has this code, or a deleted one had it.
pub async fn was_ours(conn: &impl ConnectionTrait, code: &RobotCode) -> Result<bool> {
    let found = robot::Entity::find().filter(robot::Column::Code.eq(code.as_str()));
    Ok(found.exists(conn).await?)
}

/// What came of an event that found nothing to do: that its robot was deleted, where it was, or `otherwise`. A network goes
/// on telling of robots that operators deleted, which is nothing for a person to look at.
pub async fn deleted_or(
    conn: &impl ConnectionTrait,
    code: &RobotCode,
    otherwise: &'static str,
) -> Result<&'static str> {
    let deleted = robot::Entity::find()
        .filter(robot::Column::Code.eq(code))
        .filter(robot::Column::Status.eq(RobotStatus::Deleted));
    Ok(match deleted.exists(conn).await? {
        true => "the robot was deleted",
        false => otherwise,
    })
}

/// Writes a robot down and tells its id, or nothing when the code is taken. A deleted robot with this code is the same
/// account on the chat network: it comes back, and keeps its id, its friends and what it has done today.
pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    new: &Robot,
    now: DateTime<Utc>,
) -> Result<Option<RobotId>> {
    let sql = format!(
        "INSERT INTO robots AS robot (id, network, code, name, wechat_no, head_url, qr_code, channel, count_threshold,
                                            count_distribute, status, created_at, updated_at)
               VALUES ($1, $12, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
               ON CONFLICT (code) DO UPDATE
               SET name = excluded.name, wechat_no = excluded.wechat_no, head_url = excluded.head_url,
                   qr_code = excluded.qr_code, channel = excluded.channel, count_threshold = excluded.count_threshold,
                   count_distribute = excluded.count_distribute, status = excluded.status, updated_at = excluded.updated_at
               WHERE robot.status = {deleted}
               RETURNING id",
        deleted = RobotStatus::Deleted
    );
    let values = [
        new.id.into(),
        (&new.code).into(),
        new.name.clone().into(),
        new.wechat_no.clone().into(),
        new.head_url.clone().into(),
        new.qr_code.clone().into(),
        new.channel.clone().into(),
        new.count_threshold.into(),
        new.count_distribute.into(),
        new.status.into(),
        now.into(),
        new.code.network().as_str().into(),
    ];
    db::fetch_scalar(conn, &sql, values).await
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
    status: RobotStatus,
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

/// What the network says of a robot is so. Leaves one alone whose count moved meanwhile: a bind in flight would be lost. What is empty stays as it was.
pub(super) async fn take_over(
    conn: &impl ConnectionTrait,
    robot: &Robot,
    profile: RobotProfile,
    groups: usize,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE robots SET name = coalesce(nullif($3, ''), name), wechat_no = coalesce(nullif($4, ''), wechat_no),
                      head_url = coalesce(nullif($5, ''), head_url), qr_code = coalesce(nullif($6, ''), qr_code),
                      count_distribute = $7, updated_at = $8
               WHERE id = $1 AND count_distribute = $2";
    let values = [
        robot.id.into(),
        robot.count_distribute.into(),
        profile.name.into(),
        profile.wechat_no.into(),
        profile.head_url.into(),
        profile.qr_code.into(),
        i32::try_from(groups).unwrap_or(i32::MAX).into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}
