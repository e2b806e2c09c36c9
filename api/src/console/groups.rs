//! Groups, as operators see them.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::bounded_list::BoundedList;
use crate::http::chat_code::{CodeSearch, optional_code};
use crate::http::decimal;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, amount, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::group::{self, ConsoleGroup, GroupColumn, GroupFilter, GroupStatus, OperatorReason, Star};
use domain::identity::Permission;
use kernel::id::GroupId;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use transport::CancelReason;

pub struct GroupsApi;

filters! {
    /// Which groups.
    struct GroupQuery {
        /// With this code.
        code: CodeSearch,
        /// A part of the name.
        name: String,
        /// Pulled in by the user with this code.
        user_code: CodeSearch,
        /// With this robot.
        robot_code: CodeSearch,
        /// How far they have come.
        status: GroupStatus,
        /// With this star.
        star: Star,
        /// Old ones, or new ones.
        old_group: bool,
        /// Given up for this reason.
        cancel_reason: CancelReason,
        /// Those that ads are sent to, or the others.
        launch_switch: bool,
        /// With so many members or more.
        members_from: i32,
        /// With so many members or fewer.
        members_to: i32,
    }
}

impl GroupQuery {
    fn filters(self, bound: FromTo, sort: Sorting<GroupColumn>) -> kernel::Result<GroupFilter> {
        Ok(GroupFilter {
            code: optional_code("code", self.code)?,
            name: self.name,
            user_code: optional_code("user_code", self.user_code)?,
            robot_code: optional_code("robot_code", self.robot_code)?,
            status: self.status,
            star: self.star,
            old_group: self.old_group,
            cancel_reason: self.cancel_reason,
            launch_switch: self.launch_switch,
            members_from: self.members_from,
            members_to: self.members_to,
            bound: bound.0,
            sort: sort.0,
        })
    }
}

/// What is known of one group.
#[derive(Object)]
struct GroupAttributesEntry {
    /// The group's code.
    #[oai(validator(max_length = 255))]
    code: String,
    old_group: bool,
    /// From 0 to 1, a decimal string; required for an old group.
    repeat_rate: Option<decimal::Rate>,
}

/// What became of one entry.
#[derive(Object)]
struct GroupTraitResult {
    code: String,
    updated: bool,
    /// Why not.
    problem: Option<String>,
}

#[derive(Object)]
struct GroupCancellation {
    #[oai(validator(min_items = 1, max_items = 200))]
    group_ids: Vec<GroupId>,
    reason: OperatorReason,
    /// Only tell which would be given up; nothing changes.
    #[oai(default)]
    dry_run: bool,
}

/// What became of one group.
#[derive(Object)]
struct GroupCancelResult {
    id: GroupId,
    /// Whether it is being unbound; it is gone once the chat network says so.
    cancelled: bool,
    /// Why not.
    problem: Option<String>,
}

impl From<GroupAttributesEntry> for group::GroupAttributes {
    fn from(entry: GroupAttributesEntry) -> Self {
        group::GroupAttributes {
            repeat_rate: entry.repeat_rate.map(|rate| rate.0),
            code: entry.code,
            old_group: entry.old_group,
        }
    }
}

impl From<group::AttributesResult> for GroupTraitResult {
    fn from(result: group::AttributesResult) -> Self {
        GroupTraitResult {
            code: result.code,
            updated: result.updated,
            problem: result.problem.map(str::to_owned),
        }
    }
}

impl From<group::Cancelled> for GroupCancelResult {
    fn from(result: group::Cancelled) -> Self {
        GroupCancelResult {
            id: result.id,
            cancelled: result.cancelled,
            problem: result.problem.map(str::to_owned),
        }
    }
}

impl Table for ConsoleGroup {
    const NAME: &'static str = "groups";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        plain("code", "群码"),
        plain("name", "群名"),
        plain("user_id", "拉群用户编号"),
        plain("user_code", "拉群用户码"),
        plain("user_nickname", "拉群用户昵称"),
        plain("robot_code", "机器人码"),
        plain("robot_name", "机器人"),
        plain("owner_user_code", "群主用户码"),
        plain("member_count", "人数"),
        plain("status", "状态"),
        plain("running_status", "在群状态"),
        plain("star", "星级"),
        plain("star_state", "评级状态"),
        plain("old_group", "老群"),
        amount("repeat_rate", "重复率"),
        plain("settle_count", "结算天数"),
        plain("launch_switch", "投放"),
        plain("cancel_reason", "放弃原因"),
        instant("bound_at", "入群时间"),
        instant("cancelled_at", "离群时间"),
    ];
}

#[OpenApi(prefix_path = "/api/console/groups", tag = "Area::Groups")]
impl GroupsApi {
    /// List groups, cancelled ones too
    ///
    /// One row a stay of a robot in a chat group. The dates are those the robot came on.
    #[oai(path = "/", method = "get", operation_id = "listGroups")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: GroupQuery,
        bound: FromTo,
        sort: Sorting<GroupColumn>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleGroup>> {
        operator.must(Permission::Read)?;
        paged(group::list_for_console(app.context(), query.filters(bound, sort)?, page.0).await?)
    }

    /// Take the list of groups away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000.
    #[oai(path = "/export", method = "get", operation_id = "exportGroups")]
    async fn export(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: GroupQuery,
        bound: FromTo,
        sort: Sorting<GroupColumn>,
        order: ExportOrder,
    ) -> Export {
        operator.must(Permission::Read)?;
        let rows = group::list_for_console(app.context(), query.filters(bound, sort)?, export::WHOLE);
        export::<_, ConsoleGroup, _>(&app, &operator, order, rows).await
    }

    /// Write down which groups are old and how much of each repeats
    ///
    /// Of 1 to 10,000 groups at once. Each on its own; unknown codes are named in the answer.
    #[oai(path = "/traits", method = "post", operation_id = "importGroupTraits")]
    async fn import_attributes(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<BoundedList<GroupAttributesEntry, 10_000>>,
    ) -> Answer<Vec<GroupTraitResult>> {
        operator.must(Permission::EditGroups)?;
        let attributes = body.0.0.into_iter().map(group::GroupAttributes::from).collect();
        let results = group::import_attributes(app.context(), operator.id, attributes).await?;
        answer(
            results
                .into_iter()
                .map(GroupTraitResult::from)
                .collect::<Vec<_>>(),
        )
    }

    /// Give groups up
    ///
    /// Each on its own; a group is gone once the chat network says so.
    #[oai(path = "/cancel", method = "post", operation_id = "cancelGroups")]
    async fn cancel(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<GroupCancellation>,
    ) -> Answer<Vec<GroupCancelResult>> {
        operator.must(Permission::EditGroups)?;
        let GroupCancellation {
            group_ids,
            reason,
            dry_run,
        } = body.0;
        let results =
            group::cancel_for_operator(app.context(), operator.id, &group_ids, reason, dry_run).await?;
        answer(
            results
                .into_iter()
                .map(GroupCancelResult::from)
                .collect::<Vec<_>>(),
        )
    }
}
