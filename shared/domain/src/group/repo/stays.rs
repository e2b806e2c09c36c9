//! Stays: bound, looked up, ended.

use super::super::model::{GroupStatus, RunningStatus, Stay};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, RobotId, TemplateId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use transport::{CancelReason, GroupCode, RobotCode, UserCode};
use uuid::Uuid;

const STAY: &str =
    "SELECT g.id, g.name, g.user_id, u.code AS user_code, g.robot_id, r.code AS robot_code, g.bound_at
     FROM groups g JOIN users u ON u.id = g.user_id LEFT JOIN robots r ON r.id = g.robot_id";

/// The stay of a group that is not cancelled, locked.
pub(in super::super) async fn active(conn: &impl ConnectionTrait, code: &GroupCode) -> Result<Option<Stay>> {
    let sql = format!("{STAY} WHERE g.code = $1 AND g.cancelled_at IS NULL FOR NO KEY UPDATE OF g");
    db::fetch_optional(conn, &sql, [code.into()]).await
}

/// The same by id, if it is the user's.
pub(in super::super) async fn active_of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    group: GroupId,
) -> Result<Option<Stay>> {
    let sql = format!(
        "{STAY} WHERE g.id = $1 AND g.user_id = $2 AND g.cancelled_at IS NULL FOR NO KEY UPDATE OF g"
    );
    db::fetch_optional(conn, &sql, [group.into(), user.into()]).await
}

/// These stays as far as they are not cancelled, locked in the order of their ids.
pub(in super::super) async fn active_among(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
) -> Result<Vec<Stay>> {
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    let sql = format!(
        "{STAY} WHERE g.id = ANY($1) AND g.cancelled_at IS NULL ORDER BY g.id FOR NO KEY UPDATE OF g"
    );
    db::fetch_all(conn, &sql, [ids.into()]).await
}

/// What is kept of a group's newest stay.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Earlier {
    pub cancel_reason: Option<CancelReason>,
    pub settle_count: i16,
}

/// The newest stay of a group, whatever its status or importer.
pub(in super::super) async fn newest(
    conn: &impl ConnectionTrait,
    code: &GroupCode,
) -> Result<Option<Earlier>> {
    let sql = "SELECT g.cancel_reason, coalesce(c.settle_count, 0::smallint) AS settle_count
               FROM groups g LEFT JOIN group_settle_counts c ON c.group_id = g.id
               WHERE g.code = $1 ORDER BY g.bound_at DESC, g.id DESC LIMIT 1";
    db::fetch_optional(conn, sql, [code.into()]).await
}

/// Whether this robot ever stayed in this group.
pub(in super::super) async fn known(
    conn: &impl ConnectionTrait,
    code: &GroupCode,
    robot_code: &RobotCode,
) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM groups g JOIN robots r ON r.id = g.robot_id WHERE g.code = $1 AND r.code = $2)";
    Ok(db::fetch_scalar(conn, sql, [code.into(), robot_code.into()])
        .await?
        .unwrap_or(false))
}

/// The template a group bound today follows: a running one that is not DEFAULT, else the newest DEFAULT.
pub(in super::super) async fn template(
    conn: &impl ConnectionTrait,
    day: BusinessDate,
) -> Result<Option<TemplateId>> {
    let sql = "SELECT id FROM profit_templates
               WHERE code = 'DEFAULT' OR ((starts_on IS NULL OR starts_on <= $1) AND (ends_on IS NULL OR ends_on >= $1))
               ORDER BY code = 'DEFAULT', version DESC, id DESC LIMIT 1";
    db::fetch_scalar(conn, sql, [day.into()]).await
}

/// A stay to begin.
pub(in super::super) struct NewStay<'a> {
    pub id: GroupId,
    pub code: &'a GroupCode,
    pub name: &'a str,
    pub user_id: UserId,
    pub robot_id: RobotId,
    pub template_id: TemplateId,
    pub status: GroupStatus,
    pub settle_count: i16,
}

/// Begins a stay with its settled days.
pub(in super::super) async fn insert(
    conn: &impl ConnectionTrait,
    stay: NewStay<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "WITH new AS (
                   INSERT INTO groups (id, code, name, user_id, robot_id, template_id, status, bound_at, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $9, $9) RETURNING id)
               INSERT INTO group_settle_counts (group_id, settle_count) SELECT id, $8 FROM new";
    let values = [
        stay.id.into(),
        stay.code.into(),
        stay.name.into(),
        stay.user_id.into(),
        stay.robot_id.into(),
        stay.template_id.into(),
        stay.status.into(),
        stay.settle_count.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// A stay that has just ended.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Ended {
    pub code: GroupCode,
    pub user_id: UserId,
    pub user_code: Option<UserCode>,
    pub robot_id: Option<RobotId>,
    pub robot_code: Option<RobotCode>,
    pub reason: CancelReason,
}

/// Which reason a stay ends with.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Because {
    /// This one.
    Of(CancelReason),
    /// The one the gateway was asked to unbind it for; this one if it was not asked.
    AskedOr(CancelReason),
}

/// Ends these stays in one statement, as far as they have not ended, and drops what was asked about them.
pub(in super::super) async fn end(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
    because: Because,
    now: DateTime<Utc>,
) -> Result<Vec<Ended>> {
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    let (reason, rather_asked) = match because {
        Because::Of(reason) => (reason, false),
        Because::AskedOr(reason) => (reason, true),
    };
    let sql = format!(
        "WITH asked AS (DELETE FROM unbind_requests WHERE group_id = ANY($1) RETURNING group_id, reason),
              ended AS (
                  UPDATE groups g SET status = {cancelled}, cancelled_at = $3, updated_at = $3,
                         cancel_reason = coalesce((SELECT reason FROM asked WHERE $4 AND asked.group_id = g.id), $2)
                  WHERE id = ANY($1) AND cancelled_at IS NULL RETURNING id, code, user_id, robot_id, cancel_reason)
         SELECT ended.code, ended.user_id, u.code AS user_code, ended.robot_id, r.code AS robot_code,
                ended.cancel_reason AS reason
         FROM ended JOIN users u ON u.id = ended.user_id LEFT JOIN robots r ON r.id = ended.robot_id ORDER BY ended.id",
        cancelled = GroupStatus::Cancelled
    );
    let values = [ids.into(), reason.into(), now.into(), rather_asked.into()];
    db::fetch_all(conn, &sql, values).await
}

/// How many groups a robot is in.
pub(in super::super) async fn count_of_robot(conn: &impl ConnectionTrait, robot: RobotId) -> Result<i64> {
    let sql = "SELECT count(*) FROM groups WHERE robot_id = $1 AND cancelled_at IS NULL";
    Ok(db::fetch_scalar(conn, sql, [robot.into()]).await?.unwrap_or(0))
}

/// Ends every stay of a robot, in one statement.
pub(in super::super) async fn end_all_of_robot(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    reason: CancelReason,
    now: DateTime<Utc>,
) -> Result<Vec<Ended>> {
    let sql = format!(
        "WITH ended AS (
             UPDATE groups SET status = {cancelled}, cancel_reason = $2, cancelled_at = $3, updated_at = $3
             WHERE robot_id = $1 AND cancelled_at IS NULL RETURNING id, code, user_id, robot_id, cancel_reason),
              asked AS (DELETE FROM unbind_requests WHERE group_id IN (SELECT id FROM ended))
         SELECT ended.code, ended.user_id, u.code AS user_code, ended.robot_id, r.code AS robot_code,
                ended.cancel_reason AS reason
         FROM ended JOIN users u ON u.id = ended.user_id JOIN robots r ON r.id = ended.robot_id ORDER BY ended.id",
        cancelled = GroupStatus::Cancelled
    );
    db::fetch_all(conn, &sql, [robot.into(), reason.into(), now.into()]).await
}

/// The robot is out of the group; true when it was in it until now.
pub(in super::super) async fn thrown_out(
    conn: &impl ConnectionTrait,
    group: GroupId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = format!(
        "UPDATE groups SET running_status = {thrown_out}, updated_at = $2 WHERE id = $1 AND running_status = {in_group}",
        thrown_out = RunningStatus::ThrownOut,
        in_group = RunningStatus::InGroup
    );
    Ok(db::execute(conn, &sql, [group.into(), now.into()]).await? == 1)
}

/// How the network sees a group; what it does not tell stays.
pub(in super::super) async fn describe(
    conn: &impl ConnectionTrait,
    group: GroupId,
    name: Option<String>,
    owner: Option<UserCode>,
    members: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = format!(
        "UPDATE groups SET name = coalesce($2, name), owner_user_code = coalesce($3, owner_user_code),
                member_count = coalesce($4, member_count), running_status = {in_group}, updated_at = $5
         WHERE id = $1",
        in_group = RunningStatus::InGroup
    );
    let values = [
        group.into(),
        name.into(),
        owner.into(),
        members.into(),
        now.into(),
    ];
    db::execute(conn, &sql, values).await.map(|_| ())
}
