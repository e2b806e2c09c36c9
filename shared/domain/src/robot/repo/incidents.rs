//! Blocked robots: whose groups each took down, until they are told and have it back.

use super::super::model::RobotStatus;
use crate::robot::entity::robot_replacement::{Column, Entity};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, SelectExt};
use transport::{RobotCode, UserCode};

/// For how long an incident is remembered.
const MEMORY: TimeDelta = TimeDelta::days(7);
/// A "blocked" so soon after a replacement was sent before it.
const OVERTAKEN: TimeDelta = TimeDelta::minutes(10);

/// Notes whose groups the robot takes down, before they are cancelled. Reads the group room's table, whose rows name us.
pub(in super::super) async fn record(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "INSERT INTO robot_incidents (robot_id, user_id, group_ids, created_at)
               SELECT $1, user_id, array_agg(id ORDER BY bound_at), $2 FROM groups
               WHERE robot_id = $1 AND cancelled_at IS NULL GROUP BY user_id
               ON CONFLICT (robot_id, user_id)
               DO UPDATE SET group_ids = excluded.group_ids, created_at = excluded.created_at, told_at = NULL";
    db::execute(conn, sql, [robot.into(), now.into()]).await
}

/// Somebody to tell of a replacement, and who can tell them.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Untold {
    pub user_code: UserCode,
    pub speaker: RobotCode,
}

/// Somebody whom no robot can tell of a replacement, but an SMS.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct OnlyByPhone {
    pub user_id: UserId,
    pub phone: String,
}

/// Who of an incident is untold and has a phone. To be asked after [`take_untold`].
pub(in super::super) async fn only_by_phone(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<Vec<OnlyByPhone>> {
    let sql = "SELECT incident.user_id, users.phone
               FROM robot_incidents AS incident JOIN users ON users.id = incident.user_id AND users.phone IS NOT NULL
               WHERE incident.robot_id = $1 AND incident.told_at IS NULL AND incident.created_at > $2
               ORDER BY incident.user_id";
    db::fetch_all(conn, sql, [robot.into(), (now - MEMORY).into()]).await
}

/// Marks one user of an incident as told.
pub(in super::super) async fn mark_told(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE robot_incidents SET told_at = $3 WHERE robot_id = $1 AND user_id = $2";
    db::execute(conn, sql, [robot.into(), user.into(), now.into()])
        .await
        .map(|_| ())
}

/// Marks the untold users of an incident as told, and tells who they are: each with their newest friend that can speak,
/// the replaced robot aside. Those without one stay untold.
pub(in super::super) async fn take_untold(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<Vec<Untold>> {
    let sql = format!(
        "WITH speaker AS (
             SELECT DISTINCT ON (friend.user_id) friend.user_id, robot.code
             FROM robot_incidents AS incident
                 JOIN friendships AS friend ON friend.user_id = incident.user_id AND friend.robot_id <> $1
                 JOIN robots AS robot ON robot.id = friend.robot_id AND robot.status IN ({allocatable}, {set_aside})
             WHERE incident.robot_id = $1
             ORDER BY friend.user_id, friend.created_at DESC, robot.id DESC)
         UPDATE robot_incidents AS incident SET told_at = $2
         FROM speaker JOIN users ON users.id = speaker.user_id AND users.code IS NOT NULL
         WHERE incident.robot_id = $1 AND incident.user_id = speaker.user_id AND incident.told_at IS NULL
           AND incident.created_at > $3
         RETURNING users.code AS user_code, speaker.code AS speaker",
        allocatable = RobotStatus::Allocatable,
        set_aside = RobotStatus::SetAside
    );
    db::fetch_all(conn, &sql, [robot.into(), now.into(), (now - MEMORY).into()]).await
}

/// Forgets one user's incident when they befriend the robot again; the names of the groups it lost, if any.
pub(in super::super) async fn settle(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    let sql = "WITH settled AS (DELETE FROM robot_incidents WHERE robot_id = $1 AND user_id = $2
                                RETURNING group_ids, created_at)
               SELECT groups.name FROM settled JOIN groups ON groups.id = ANY(settled.group_ids)
               WHERE settled.created_at > $3 ORDER BY groups.bound_at";
    db::fetch_column(conn, sql, [robot.into(), user.into(), (now - MEMORY).into()]).await
}

/// Notes a replacement; false when this QR code was noted before.
pub(in super::super) async fn note_replacement(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    qr_code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO robot_replacements (robot_id, qr_code, replaced_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    if db::execute(conn, sql, [robot.into(), qr_code.into(), now.into()]).await? == 0 {
        return Ok(false);
    }
    let sql = format!(
        "UPDATE robots SET qr_code = $2, status = CASE status WHEN {blocked} THEN {allocatable} ELSE status END,
                updated_at = $3
         WHERE id = $1",
        blocked = RobotStatus::Blocked,
        allocatable = RobotStatus::Allocatable
    );
    db::execute(conn, &sql, [robot.into(), qr_code.into(), now.into()]).await?;
    Ok(true)
}

/// Whether the robot was replaced a moment ago, so that a "blocked" coming now is older than that.
pub(in super::super) async fn just_replaced(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let just_now = Entity::find()
        .filter(Column::RobotId.eq(robot))
        .filter(Column::ReplacedAt.gt(now - OVERTAKEN));
    Ok(just_now.exists(conn).await?)
}
