//! What became of a robot: its days, what went wrong, and who depends on it.

use crate::robot::entity::robot::Entity;
use crate::robot::model::{Removal, Robot};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

/// A robot, deleted ones too.
pub async fn any_by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    Ok(Entity::find_by_id(id).into_model().one(conn).await?)
}

/// A robot's counters on one of its days.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct RobotDay {
    /// The business date.
    pub day: BusinessDate,
    /// Activations the day held.
    pub overage: i32,
    /// Displays the day held.
    pub display_limit: i32,
    /// Visitors it was shown to.
    pub displays: i32,
    /// Groups it was bound to.
    pub activations: i32,
    /// Why it was taken out for the day.
    pub removed_reason: Option<Removal>,
}

/// A robot's days, newest first; days before it was in service are missing.
pub async fn days_of(conn: &impl ConnectionTrait, robot: RobotId, range: DateRange) -> Result<Vec<RobotDay>> {
    let sql = "SELECT day, overage, display_limit, displays, activations, removed_reason FROM robot_days
               WHERE robot_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day DESC";
    db::fetch_all(conn, sql, [robot.into(), range.from().into(), range.to().into()]).await
}

/// Somebody whose groups the robot took down with it when it was blocked.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct RobotIncident {
    /// Whose groups.
    pub user_id: UserId,
    /// Their code on the chat network.
    pub user_code: Option<String>,
    /// What they are called.
    pub nickname: String,
    /// How many groups.
    pub groups: i32,
    /// When it was blocked.
    pub created_at: DateTime<Utc>,
    /// When they were told of its replacement.
    pub told_at: Option<DateTime<Utc>>,
}

/// The newest incidents of a robot, so many at most. Who befriended it again is not among them any more.
pub async fn incidents_of(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    most: i64,
) -> Result<Vec<RobotIncident>> {
    let sql = "SELECT i.user_id, u.code AS user_code, u.nickname, cardinality(i.group_ids) AS groups, i.created_at, i.told_at
               FROM robot_incidents AS i JOIN users AS u ON u.id = i.user_id
               WHERE i.robot_id = $1 ORDER BY i.created_at DESC, i.user_id LIMIT $2";
    db::fetch_all(conn, sql, [robot.into(), most.into()]).await
}

/// A QR code that replaced a robot's earlier one.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct RobotReplacement {
    /// The new code's address.
    pub qr_code: String,
    /// When it came.
    pub replaced_at: DateTime<Utc>,
}

/// The newest replacements of a robot, so many at most.
pub async fn replacements_of(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    most: i64,
) -> Result<Vec<RobotReplacement>> {
    let sql = "SELECT qr_code, replaced_at FROM robot_replacements
               WHERE robot_id = $1 ORDER BY replaced_at DESC, qr_code LIMIT $2";
    db::fetch_all(conn, sql, [robot.into(), most.into()]).await
}

/// How many depend on a robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, Object)]
pub struct RobotTies {
    /// Groups it is in now.
    pub groups: i64,
    /// People who befriended it.
    pub friends: i64,
    /// People whose groups it took down and who have not befriended it again.
    pub incidents: i64,
}

/// How many depend on a robot.
pub async fn ties_of(conn: &impl ConnectionTrait, robot: RobotId) -> Result<RobotTies> {
    let sql = "SELECT (SELECT count(*) FROM groups WHERE robot_id = $1 AND cancelled_at IS NULL) AS groups,
                      (SELECT count(*) FROM friendships WHERE robot_id = $1) AS friends,
                      (SELECT count(*) FROM robot_incidents WHERE robot_id = $1) AS incidents";
    db::fetch_one(conn, sql, [robot.into()]).await
}
