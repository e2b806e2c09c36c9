//! Lists for people.

use super::super::model::{GroupStatus, RunningStatus, Star};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, UserId};
use kernel::page::{Page, Paged};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use transport::{CancelReason, GroupCode, RobotCode, UserCode};

/// A row of [`of_user`].
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct UserRow {
    pub id: GroupId,
    pub code: GroupCode,
    pub name: String,
    pub bound_at: DateTime<Utc>,
    pub launch_switch: bool,
    pub settle_count: i16,
    pub star: Option<Star>,
    pub old_group: bool,
    /// What the robot is called in the group, else what it is called at all.
    pub robot_name: Option<String>,
}

/// A user's groups that are not cancelled: those that earn, those that wait for a star, or both.
pub(in super::super) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    earning: Option<bool>,
    page: Page,
) -> Result<Paged<UserRow>> {
    let from = "FROM groups g LEFT JOIN group_settle_counts c ON c.group_id = g.id LEFT JOIN robots r ON r.id = g.robot_id
                WHERE g.user_id = $1 AND g.cancelled_at IS NULL AND ($2::boolean IS NULL OR (g.star IS NOT NULL OR g.old_group) = $2)";
    let columns = "SELECT g.id, g.code, g.name, g.bound_at, g.launch_switch, coalesce(c.settle_count, 0::smallint) AS settle_count,
                          g.star, g.old_group, coalesce(nullif(g.robot_nickname, ''), r.name) AS robot_name";
    paged(conn, columns, from, vec![user.into(), earning.into()], page).await
}

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct ConsoleFilters {
    /// The group's code.
    pub code: Option<GroupCode>,
    /// A part of the group's name.
    pub name: Option<String>,
    /// The importer's code.
    pub user_code: Option<UserCode>,
    /// The robot's code.
    pub robot_code: Option<RobotCode>,
    /// How far it has come.
    pub status: Option<GroupStatus>,
    /// The star.
    pub star: Option<Star>,
    /// Old groups only, or new ones only.
    pub old_group: Option<bool>,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
}

/// A group as an operator sees it.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
#[allow(missing_docs)]
pub struct ConsoleGroup {
    pub id: GroupId,
    pub code: GroupCode,
    pub name: String,
    pub user_id: UserId,
    pub user_code: Option<UserCode>,
    pub user_nickname: String,
    pub robot_code: Option<RobotCode>,
    pub robot_name: Option<String>,
    pub owner_user_code: Option<UserCode>,
    pub member_count: Option<i32>,
    pub status: GroupStatus,
    pub running_status: RunningStatus,
    pub star: Option<Star>,
    /// Why it was rated last, as the rating partner says it: a number that may be none of ours.
    pub star_state: Option<i16>,
    pub old_group: bool,
    pub repeat_rate: Option<rust_decimal::Decimal>,
    pub settle_count: i16,
    pub launch_switch: bool,
    pub cancel_reason: Option<CancelReason>,
    pub bound_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

/// All groups, cancelled ones too.
pub(in super::super) async fn all(
    conn: &impl ConnectionTrait,
    filters: ConsoleFilters,
    page: Page,
) -> Result<Paged<ConsoleGroup>> {
    let columns = "SELECT g.id, g.code, g.name, g.user_id, u.code AS user_code, u.nickname AS user_nickname,
                          r.code AS robot_code, r.name AS robot_name, g.owner_user_code, g.member_count, g.status,
                          g.running_status, g.star, g.star_state, g.old_group, g.repeat_rate,
                          coalesce(c.settle_count, 0::smallint) AS settle_count, g.launch_switch, g.cancel_reason,
                          g.bound_at, g.cancelled_at";
    let from = "FROM groups g JOIN users u ON u.id = g.user_id LEFT JOIN robots r ON r.id = g.robot_id
                     LEFT JOIN group_settle_counts c ON c.group_id = g.id
                WHERE ($1::text IS NULL OR g.code = $1)
                  AND ($2::text IS NULL OR strpos(lower(g.name), lower($2)) > 0)
                  AND ($3::text IS NULL OR u.code = $3)
                  AND ($4::text IS NULL OR r.code = $4)
                  AND ($5::smallint IS NULL OR g.status = $5)
                  AND ($6::smallint IS NULL OR g.star = $6)
                  AND ($7::boolean IS NULL OR g.old_group = $7)
                  AND ($8::smallint IS NULL OR g.cancel_reason = $8)";
    let values = vec![
        filters.code.into(),
        filters.name.into(),
        filters.user_code.into(),
        filters.robot_code.into(),
        filters.status.into(),
        filters.star.into(),
        filters.old_group.into(),
        filters.cancel_reason.into(),
    ];
    paged(conn, columns, from, values, page).await
}

/// One page of `columns` of `from`, newest first, and how many rows there are.
async fn paged<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    columns: &str,
    from: &str,
    mut values: Vec<Value>,
    page: Page,
) -> Result<Paged<T>> {
    let total: i64 = db::fetch_scalar(conn, &format!("SELECT count(*) {from}"), values.clone())
        .await?
        .unwrap_or(0);
    let place = values.len();
    values.extend([page.limit().into(), page.offset().into()]);
    let sql = format!(
        "{columns} {from} ORDER BY g.bound_at DESC, g.id DESC LIMIT ${} OFFSET ${}",
        place + 1,
        place + 2
    );
    Ok(Paged {
        rows: db::fetch_all(conn, &sql, values).await?,
        info: page.info(u64::try_from(total).unwrap_or(0)),
    })
}
