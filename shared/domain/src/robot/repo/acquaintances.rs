//! Which robots a user knows, and which they were shown before they had an account.

use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A robot that a user befriended.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct Acquaintance {
    /// The robot.
    pub robot_id: RobotId,
    /// Its code on the chat network.
    pub robot_code: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// What a visitor came with before they had an account.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "RobotAccess")]
pub struct AccessEntry {
    /// The robot they were shown.
    pub robot_id: RobotId,
    /// Its code on the chat network.
    pub robot_code: String,
    /// The last who sent them.
    pub sharing_user_id: Option<UserId>,
    /// Where they came from.
    pub channel: Option<String>,
    /// When they came.
    pub created_at: DateTime<Utc>,
}

/// The robots a user befriended, newest first, so many at most.
pub async fn acquaintances(
    conn: &impl ConnectionTrait,
    user: UserId,
    most: i64,
) -> Result<Vec<Acquaintance>> {
    let sql = "SELECT f.robot_id, r.code AS robot_code, f.created_at
               FROM friendships AS f JOIN robots AS r ON r.id = f.robot_id
               WHERE f.user_id = $1 ORDER BY f.created_at DESC, f.robot_id LIMIT $2";
    db::fetch_all(conn, sql, [user.into(), most.into()]).await
}

/// What the person with this union_id came with, if they came so.
pub async fn access_of(conn: &impl ConnectionTrait, union_id: &str) -> Result<Option<AccessEntry>> {
    let sql = "SELECT a.robot_id, r.code AS robot_code, a.sharing_user_id, a.channel, a.created_at
               FROM robot_accesses AS a JOIN robots AS r ON r.id = a.robot_id WHERE a.union_id = $1";
    db::fetch_optional(conn, sql, [union_id.into()]).await
}
