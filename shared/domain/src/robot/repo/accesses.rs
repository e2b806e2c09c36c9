//! Visitors: which robot each was shown before they had an account, and who sent them. One row a union_id.

use super::super::model::{Robot, RobotStatus};
use super::COLUMNS;
use chrono::{DateTime, Utc};
use kernel::db::{self, lock::Lock};
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use sea_orm::ConnectionTrait;

/// Lets one request of a visitor at a time through, until the transaction ends.
pub(in super::super) async fn lock(conn: &impl ConnectionTrait, union_id: &str) -> Result<()> {
    Lock::Visitor(union_id).wait(conn).await
}

/// The robot they were shown, if it still lives; exhausted or set aside does not matter.
pub(in super::super) async fn robot_of(conn: &impl ConnectionTrait, union_id: &str) -> Result<Option<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM robot_accesses AS access JOIN robots AS robot ON robot.id = access.robot_id
         WHERE access.union_id = $1 AND robot.status NOT IN ({deleted}, {blocked})",
        deleted = RobotStatus::Deleted,
        blocked = RobotStatus::Blocked
    );
    db::fetch_optional(conn, &sql, [union_id.into()]).await
}

/// What a visitor came with; the sharer as it came, or found to be a user.
pub(in super::super) struct Visit<'a, S> {
    pub union_id: &'a str,
    pub open_id: &'a str,
    pub sharing_user: Option<S>,
    pub channel: Option<&'a str>,
}

impl<'a, S> Visit<'a, S> {
    pub fn with_sharer(&self, sharing_user: Option<UserId>) -> Visit<'a, UserId> {
        Visit {
            union_id: self.union_id,
            open_id: self.open_id,
            sharing_user,
            channel: self.channel,
        }
    }
}

/// The last sharer before completion counts, and their channel with them; without a sharer all stays.
pub(in super::super) async fn share(
    conn: &impl ConnectionTrait,
    visit: &Visit<'_, UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(sharer) = visit.sharing_user else {
        return Ok(());
    };
    let sql =
        "UPDATE robot_accesses SET sharing_user_id = $2, channel = $3, updated_at = $4 WHERE union_id = $1";
    let values = [
        visit.union_id.into(),
        sharer.into(),
        visit.channel.map(str::to_owned).into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Notes the robot a visitor is shown, in place of a dead one if need be. A new robot does not take the sharer away.
pub(in super::super) async fn record(
    conn: &impl ConnectionTrait,
    visit: &Visit<'_, UserId>,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO robot_accesses AS old (union_id, open_id, robot_id, sharing_user_id, channel, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $6)
               ON CONFLICT (union_id) DO UPDATE
               SET robot_id = excluded.robot_id, updated_at = excluded.updated_at,
                   sharing_user_id = coalesce(excluded.sharing_user_id, old.sharing_user_id),
                   channel = CASE WHEN excluded.sharing_user_id IS NULL THEN old.channel ELSE excluded.channel END";
    let values = [
        visit.union_id.into(),
        visit.open_id.into(),
        robot.into(),
        visit.sharing_user.map(|user| user.0).into(),
        visit.channel.map(str::to_owned).into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}
