//! What hangs on one group.

use crate::group::model::{EntryOutcome, Star, Step};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, OperatorId, PlanId, RobotId, UserId};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use transport::CancelReason;

/// A stay of a robot in a chat group.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct GroupStay {
    /// The stay.
    pub id: GroupId,
    /// Who pulled the robot in.
    pub user_id: UserId,
    /// Their code on the chat network.
    pub user_code: Option<String>,
    /// What they are called.
    pub user_nickname: String,
    /// The robot.
    pub robot_id: Option<RobotId>,
    /// Its code.
    pub robot_code: Option<String>,
    /// The last star.
    pub star: Option<Star>,
    /// Days it was settled, those of the stays before it included.
    pub settle_count: i16,
    /// When the robot came.
    pub bound_at: DateTime<Utc>,
    /// When it left.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it left.
    pub cancel_reason: Option<CancelReason>,
}

/// The newest stays in the chat group that this stay is of, itself among them, so many at most.
pub(in crate::group) async fn stays_beside(
    conn: &impl ConnectionTrait,
    group: GroupId,
    most: i64,
) -> Result<Vec<GroupStay>> {
    let sql = "SELECT g.id, g.user_id, u.code AS user_code, u.nickname AS user_nickname, g.robot_id, r.code AS robot_code, g.star,
                      coalesce(c.settle_count, 0::smallint) AS settle_count, g.bound_at, g.cancelled_at, g.cancel_reason
               FROM groups AS g JOIN users AS u ON u.id = g.user_id LEFT JOIN robots AS r ON r.id = g.robot_id
                    LEFT JOIN group_settle_counts AS c ON c.group_id = g.id
               WHERE g.code = (SELECT code FROM groups WHERE id = $1)
               ORDER BY g.bound_at DESC, g.id DESC LIMIT $2";
    db::fetch_all(conn, sql, [group.into(), most.into()]).await
}

/// How a group stood in the clean-up of a date.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct GroupCleanup {
    /// The plan.
    pub plan_id: PlanId,
    /// Its date.
    pub business_date: BusinessDate,
    /// The step that took the group.
    pub step: Step,
    /// Why it would be given up.
    pub cancel_reason: CancelReason,
    /// The operator who kept it out.
    pub held_by: Option<OperatorId>,
    /// Why they did.
    pub held_reason: Option<String>,
    /// What became of it, once carried out.
    pub outcome: Option<EntryOutcome>,
    /// When that was.
    pub carried_out_at: Option<DateTime<Utc>>,
}

/// The newest clean-ups that a group stood in, so many at most.
pub(in crate::group) async fn cleanups_of(
    conn: &impl ConnectionTrait,
    group: GroupId,
    most: i64,
) -> Result<Vec<GroupCleanup>> {
    let sql = "SELECT e.plan_id, p.business_date, e.step, e.cancel_reason, e.held_by, e.held_reason, e.outcome, e.carried_out_at
               FROM cleanup_entries AS e JOIN cleanup_plans AS p ON p.id = e.plan_id
               WHERE e.group_id = $1 ORDER BY p.business_date DESC LIMIT $2";
    db::fetch_all(conn, sql, [group.into(), most.into()]).await
}

/// How many people in a group are known one by one.
pub(in crate::group) async fn known_members(conn: &impl ConnectionTrait, group: GroupId) -> Result<i64> {
    let sql = "SELECT count(*) FROM group_members WHERE group_id = $1";
    Ok(db::fetch_scalar(conn, sql, [group.into()]).await?.unwrap_or(0))
}

/// The robot in a group.
pub(in crate::group) async fn robot_of(
    conn: &impl ConnectionTrait,
    group: GroupId,
) -> Result<Option<RobotId>> {
    let sql = "SELECT robot_id FROM groups WHERE id = $1";
    let robot: Option<Option<RobotId>> = db::fetch_scalar(conn, sql, [group.into()]).await?;
    Ok(robot.flatten())
}
