//! Robots as operators see them, and the robots a user knows.

use super::model::Robot;
use super::repo::COLUMNS;
use crate::kernel::error::Result;
use crate::kernel::id::{RobotId, UserId};
use crate::kernel::listing::Listing;
use crate::kernel::page::{Page, Paged};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct RobotFilter {
    /// Exactly this chat code.
    pub code: Option<String>,
    /// A part of the name.
    pub name: Option<String>,
    /// Exactly this channel.
    pub channel: Option<String>,
    /// 1 allocatable, 2 set aside, 3 deleted, 5 blocked.
    pub status: Option<i16>,
}

/// Robots, newest first; deleted ones only where they are asked for.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list(conn: &impl ConnectionTrait, filter: RobotFilter, page: Page) -> Result<Paged<Robot>> {
    let listing = Listing {
        columns: COLUMNS,
        from: "robots AS robot
               WHERE ($1::text IS NULL OR robot.code = $1)
                 AND ($2::text IS NULL OR strpos(lower(robot.name), lower($2)) > 0)
                 AND ($3::text IS NULL OR robot.channel = $3)
                 AND CASE WHEN $4::smallint IS NULL THEN robot.status <> 3 ELSE robot.status = $4 END",
        order: "robot.created_at DESC, robot.id DESC",
    };
    let values = vec![
        filter.code.into(),
        filter.name.into(),
        filter.channel.into(),
        filter.status.into(),
    ];
    listing.page(conn, values, page).await
}

/// A robot a user knows.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct KnownRobot {
    pub id: RobotId,
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
    /// Whether the two are friends on the chat network; else it was only given to the user.
    pub friend: bool,
    /// Whether the chat network took it from us.
    pub blocked: bool,
    /// When the two met.
    pub known_since: DateTime<Utc>,
}

/// The robots a user befriended or was given, newest first. Deleted ones are left out.
///
/// # Errors
/// What PostgreSQL says.
pub async fn of_user(conn: &impl ConnectionTrait, user: UserId, page: Page) -> Result<Paged<KnownRobot>> {
    let listing = Listing {
        columns: "robot.id, robot.name, robot.wechat_no, robot.head_url, robot.qr_code,
                  friend.robot_id IS NOT NULL AS friend, robot.status = 5 AS blocked,
                  coalesce(friend.created_at, given.created_at) AS known_since",
        from: "(SELECT robot_id, created_at FROM friendships WHERE user_id = $1) AS friend
               FULL JOIN (SELECT robot_id, created_at FROM robot_distributions WHERE user_id = $1) AS given USING (robot_id)
               JOIN robots AS robot ON robot.id = robot_id
               WHERE robot.status <> 3",
        order: "known_since DESC, robot.id DESC",
    };
    listing.page(conn, vec![user.into()], page).await
}
