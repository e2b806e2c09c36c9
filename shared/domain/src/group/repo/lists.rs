//! Lists for people.

use super::super::model::{GroupState, GroupStatus, RunningStatus, Star};
use chrono::{DateTime, Utc};
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, RobotId, UserId};
use kernel::listing::{Conditions, Listing};
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
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
    pub state: GroupState,
    pub member_count: Option<i32>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancel_reason: Option<CancelReason>,
    pub robot_id: Option<RobotId>,
}

const OF_USER: &str = "g.id, g.code, g.name, g.bound_at, g.launch_switch,
    coalesce(c.settle_count, 0::smallint) AS settle_count, g.star, g.old_group,
    coalesce(nullif(g.robot_nickname, ''), r.name) AS robot_name, g.state, g.member_count, g.cancelled_at, g.cancel_reason,
    g.robot_id";

/// Groups as their users see them, with how far each has come.
fn users_groups() -> String {
    format!(
        "(SELECT *, CASE WHEN cancelled_at IS NOT NULL OR status = {settled_out} AND NOT launch_switch THEN 'ended'
                         WHEN star IS NOT NULL OR old_group THEN 'earning' ELSE 'waiting' END AS state
          FROM groups) AS g
         LEFT JOIN group_settle_counts c ON c.group_id = g.id LEFT JOIN robots r ON r.id = g.robot_id",
        settled_out = GroupStatus::SettledOut,
    )
}

/// A user's groups: of one state; or those that are not cancelled, and of these perhaps only those that earn, or only
/// those that wait for a star.
pub(in super::super) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    earning: Option<bool>,
    state_of: Option<GroupState>,
    page: Page,
) -> Result<Paged<UserRow>> {
    let listing = Listing {
        columns: OF_USER,
        from: &users_groups(),
        order: "g.bound_at DESC, g.id DESC",
    };
    let conditions = Conditions::default()
        .when("g.user_id = {}", Some(user))
        .when("(g.star IS NOT NULL OR g.old_group) = {}", earning);
    let conditions = match state_of {
        Some(_) => conditions.when("g.state = {}", state_of),
        None => conditions.always("g.cancelled_at IS NULL"),
    };
    listing.page_where(conn, conditions, page).await
}

/// One group of a user's, cancelled or not.
pub(in super::super) async fn one_of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    group: GroupId,
) -> Result<Option<UserRow>> {
    let sql = format!(
        "SELECT {OF_USER} FROM {} WHERE g.user_id = $1 AND g.id = $2",
        users_groups()
    );
    db::fetch_optional(conn, &sql, [user.into(), group.into()]).await
}

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
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
    /// Whether ads are sent to it.
    pub launch_switch: Option<bool>,
    /// With so many members or more.
    pub members_from: Option<i32>,
    /// With so many members or fewer.
    pub members_to: Option<i32>,
    /// When the robot came.
    pub bound: DateFilter,
    /// In which order.
    pub sort: Sort<GroupColumn>,
}

kernel::sortable! {
    /// What groups are sorted by.
    pub enum GroupColumn: descending(BoundAt), then ["g.id"] {
        /// When the robot came.
        BoundAt = "bound_at" => "g.bound_at",
        /// How many members it has.
        MemberCount = "member_count" => "g.member_count?",
    }
}

/// A group: one stay of a robot in it.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct ConsoleGroup {
    pub id: GroupId,
    /// Its id on the chat network.
    pub code: String,
    pub name: String,
    /// Who pulled the robot in.
    pub user_id: UserId,
    pub user_code: Option<String>,
    pub user_nickname: String,
    pub robot_code: Option<String>,
    pub robot_name: Option<String>,
    pub owner_user_code: Option<String>,
    pub member_count: Option<i32>,
    pub status: GroupStatus,
    pub running_status: RunningStatus,
    pub star: Option<Star>,
    /// Why it was rated last, as the rating partner says it: 0 undefined, 1 first rating, 2 upgrade, 6 too few
    /// conversations; others are kept and cause nothing.
    pub star_state: Option<i16>,
    pub old_group: bool,
    /// From 0 to 1, a decimal string.
    pub repeat_rate: Option<String>,
    /// Days it was settled.
    pub settle_count: i16,
    pub launch_switch: bool,
    pub cancel_reason: Option<CancelReason>,
    pub bound_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

const CONSOLE_COLUMNS: &str = "g.id, g.code, g.name, g.user_id, u.code AS user_code, u.nickname AS user_nickname,
    r.code AS robot_code, r.name AS robot_name, g.owner_user_code, g.member_count, g.status, g.running_status, g.star,
    g.star_state, g.old_group, trim_scale(g.repeat_rate)::text AS repeat_rate, coalesce(c.settle_count, 0::smallint) AS settle_count, g.launch_switch,
    g.cancel_reason, g.bound_at, g.cancelled_at";
const CONSOLE_FROM: &str = "groups g JOIN users u ON u.id = g.user_id LEFT JOIN robots r ON r.id = g.robot_id
    LEFT JOIN group_settle_counts c ON c.group_id = g.id";

/// One group, cancelled or not.
pub(in super::super) async fn one(
    conn: &impl ConnectionTrait,
    group: GroupId,
) -> Result<Option<ConsoleGroup>> {
    let sql = format!("SELECT {CONSOLE_COLUMNS} FROM {CONSOLE_FROM} WHERE g.id = $1");
    db::fetch_optional(conn, &sql, [group.into()]).await
}

/// Whether there is such a group, cancelled or not.
pub(in super::super) async fn exists(conn: &impl ConnectionTrait, group: GroupId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM groups WHERE id = $1)";
    Ok(db::fetch_scalar(conn, sql, [group.into()])
        .await?
        .unwrap_or(false))
}

/// All groups, cancelled ones too.
pub(in super::super) async fn all(
    conn: &impl ConnectionTrait,
    filters: GroupFilter,
    page: Page,
) -> Result<Paged<ConsoleGroup>> {
    let listing = Listing {
        columns: CONSOLE_COLUMNS,
        from: CONSOLE_FROM,
        order: &filters.sort.sql(),
    };
    let conditions = Conditions::default()
        .when("g.code = {}", filters.code)
        .when("strpos(lower(g.name), lower({})) > 0", filters.name)
        .when("u.code = {}", filters.user_code)
        .when("r.code = {}", filters.robot_code)
        .when("g.status = {}", filters.status)
        .when("g.star = {}", filters.star)
        .when("g.old_group = {}", filters.old_group)
        .when("g.cancel_reason = {}", filters.cancel_reason)
        .when("g.launch_switch = {}", filters.launch_switch)
        .when("g.member_count >= {}", filters.members_from)
        .when("g.member_count <= {}", filters.members_to)
        .between("g.bound_at >= {}", "g.bound_at < {}", filters.bound);
    listing.page_where(conn, conditions, page).await
}
