//! Queries of the room.

use super::model::{ResultState, Task};
use crate::delivery::entity::delivery_task::{Column, Entity, Model};
use crate::group::RunningStatus;
use crate::robot::RobotStatus;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, SelectExt};
use transport::{GroupCode, RobotCode};
use uuid::Uuid;

/// SQL: whether a task's result still hangs on this row of the outbox, which is called `message`.
pub const AWAITS_MESSAGE: &str =
    "EXISTS (SELECT FROM delivery_items AS item WHERE item.message_id = message.id)";

/// Whether a task of this id was taken.
pub(super) async fn taken(conn: &impl ConnectionTrait, task: &str) -> Result<bool> {
    Ok(Entity::find_by_id(task).exists(conn).await?)
}

/// Takes a task; false when its id was taken already.
pub(super) async fn take(conn: &impl ConnectionTrait, task: &Task, now: DateTime<Utc>) -> Result<bool> {
    let row = Model {
        task_id: task.id.clone(),
        task_type: task.task_type,
        content: serde_json::json!({ "user_code": task.user_code, "items": task.items }),
        received_at: now,
    };
    let once = OnConflict::column(Column::TaskId).do_nothing().to_owned();
    let insert = Entity::insert(row.into_active_model()).on_conflict(once);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// A group of a task, as far as it is one of ours.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Target {
    pub group_code: GroupCode,
    pub user_id: Option<UserId>,
    /// None when nobody of ours is in the group.
    pub robot_code: Option<RobotCode>,
    /// Whether it takes ads.
    pub launch_switch: Option<bool>,
}

/// What is known of these codes, by robot.
pub(super) async fn targets(conn: &impl ConnectionTrait, codes: Vec<GroupCode>) -> Result<Vec<Target>> {
    let sql = format!(
        "SELECT asked.code AS group_code, g.user_id, robot.code AS robot_code, g.launch_switch
         FROM unnest($1::text[]) AS asked (code)
         LEFT JOIN groups AS g ON g.code = asked.code AND g.cancelled_at IS NULL
         LEFT JOIN robots AS robot ON robot.id = g.robot_id AND g.running_status = {in_group}
              AND robot.status NOT IN ({deleted}, {blocked})
         ORDER BY robot.code, asked.code",
        in_group = RunningStatus::InGroup,
        deleted = RobotStatus::Deleted,
        blocked = RobotStatus::Blocked
    );
    db::fetch_all(conn, &sql, [codes.into()]).await
}

/// What becomes of one group: a reason is why it gets nothing.
pub(super) struct ItemOutcome<'a> {
    pub target: &'a Target,
    pub reason: Option<&'a str>,
}

pub(super) async fn insert_results(
    conn: &impl ConnectionTrait,
    task: &str,
    outcomes: &[ItemOutcome<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let (mut codes, mut users, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for ItemOutcome { target, reason } in outcomes {
        codes.push(target.group_code.clone());
        // Empty is none: a bound array has no nulls.
        users.push(target.user_id.map_or_else(String::new, |id| id.to_string()));
        reasons.push(reason.unwrap_or_default().to_owned());
    }
    let sql = "INSERT INTO delivery_results (task_id, group_code, user_id, state, reason, updated_at)
               SELECT $1, code, nullif(user_id, '')::uuid, CASE WHEN reason = '' THEN $6 ELSE $7 END,
                      nullif(reason, ''), $5
               FROM unnest($2::text[], $3::text[], $4::text[]) AS new (code, user_id, reason)";
    let values = [
        task.into(),
        codes.into(),
        users.into(),
        reasons.into(),
        now.into(),
        ResultState::Pending.into(),
        ResultState::Failed.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Remembers which message is for which group.
pub(super) async fn insert_items(
    conn: &impl ConnectionTrait,
    task: &str,
    messages: Vec<Uuid>,
    codes: Vec<GroupCode>,
) -> Result<()> {
    let sql = "INSERT INTO delivery_items (message_id, task_id, group_code)
               SELECT id, $1, code FROM unnest($2::uuid[], $3::text[]) AS new (id, code)";
    db::execute(conn, sql, [task.into(), messages.into(), codes.into()])
        .await
        .map(|_| ())
}

/// A group all of whose messages have ended.
#[derive(Debug, FromQueryResult)]
pub(super) struct Ended {
    pub task_id: String,
    pub group_code: GroupCode,
    pub sent: bool,
}

/// Notes the results of up to `limit` groups whose messages have all ended, each once, and forgets the messages.
pub(super) async fn settle(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Ended>> {
    let sql = "WITH ended AS (
                   SELECT item.task_id, item.group_code, bool_and(coalesce(message.state = 'delivered', false)) AS sent,
                          string_agg(message.last_error, '; ') FILTER (WHERE message.state <> 'delivered') AS reason
                   FROM delivery_items AS item LEFT JOIN outbox AS message ON message.id = item.message_id
                   GROUP BY item.task_id, item.group_code
                   HAVING bool_and(message.state IS DISTINCT FROM 'pending') LIMIT $2),
               noted AS (
                   UPDATE delivery_results AS result
                   SET state = CASE WHEN ended.sent THEN $3 ELSE $4 END, reason = ended.reason, updated_at = $1
                   FROM ended
                   WHERE result.task_id = ended.task_id AND result.group_code = ended.group_code AND result.state = $5
                   RETURNING result.task_id, result.group_code, ended.sent),
               forgotten AS (
                   DELETE FROM delivery_items AS item USING noted
                   WHERE item.task_id = noted.task_id AND item.group_code = noted.group_code)
               SELECT task_id, group_code, sent FROM noted";
    let states = [ResultState::Sent, ResultState::Failed, ResultState::Pending];
    let [sent, failed, pending] = states.map(Into::into);
    db::fetch_all(conn, sql, [now.into(), limit.into(), sent, failed, pending]).await
}
