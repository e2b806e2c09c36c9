//! Groups, as operators see them.

use super::Area;
use super::decimal::decimal;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::chat_code::optional_code;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use domain::group::{self, ConsoleFilters, OperatorReason};
use domain::group::{GroupStatus, RunningStatus, Star};
use domain::identity::Permission;
use kernel::id::{GroupId, UserId};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use transport::CancelReason;

pub struct GroupsApi;

/// A group: one stay of a robot in it.
#[derive(Object)]
struct ConsoleGroup {
    id: GroupId,
    /// Its id on the chat network.
    code: String,
    name: String,
    /// Who pulled the robot in.
    user_id: UserId,
    user_code: Option<String>,
    user_nickname: String,
    robot_code: Option<String>,
    robot_name: Option<String>,
    owner_user_code: Option<String>,
    member_count: Option<i32>,
    status: GroupStatus,
    running_status: RunningStatus,
    star: Option<Star>,
    /// Why it was rated last, as the rating partner says it: 0 undefined, 1 first rating, 2 upgrade, 6 too few
    /// conversations; others are kept and cause nothing.
    star_state: Option<i16>,
    old_group: bool,
    /// From 0 to 1, a decimal string.
    repeat_rate: Option<String>,
    /// Days it was settled.
    settle_count: i16,
    launch_switch: bool,
    cancel_reason: Option<CancelReason>,
    bound_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
}

/// What is known of one group.
#[derive(Object)]
struct GroupTrait {
    /// The group's code.
    code: String,
    old_group: bool,
    /// From 0 to 1, a decimal string; required for an old group.
    repeat_rate: Option<String>,
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

impl From<group::ConsoleGroup> for ConsoleGroup {
    fn from(group: group::ConsoleGroup) -> Self {
        ConsoleGroup {
            id: group.id,
            code: group.code.to_string(),
            name: group.name,
            user_id: group.user_id,
            user_code: group.user_code.map(|code| code.to_string()),
            user_nickname: group.user_nickname,
            robot_code: group.robot_code.map(|code| code.to_string()),
            robot_name: group.robot_name,
            owner_user_code: group.owner_user_code.map(|code| code.to_string()),
            member_count: group.member_count,
            status: group.status,
            running_status: group.running_status,
            star: group.star,
            star_state: group.star_state,
            old_group: group.old_group,
            repeat_rate: group.repeat_rate.map(|rate| rate.normalize().to_string()),
            settle_count: group.settle_count,
            launch_switch: group.launch_switch,
            cancel_reason: group.cancel_reason,
            bound_at: group.bound_at,
            cancelled_at: group.cancelled_at,
        }
    }
}

impl GroupTrait {
    fn read(self) -> kernel::Result<group::Trait> {
        let rate = self.repeat_rate.as_deref();
        Ok(group::Trait {
            repeat_rate: rate.map(|rate| decimal("repeat_rate", rate)).transpose()?,
            code: self.code,
            old_group: self.old_group,
        })
    }
}

impl From<group::TraitResult> for GroupTraitResult {
    fn from(result: group::TraitResult) -> Self {
        GroupTraitResult {
            code: result.code,
            updated: result.updated,
            problem: result.problem.map(str::to_owned),
        }
    }
}

impl From<group::GivenUp> for GroupCancelResult {
    fn from(result: group::GivenUp) -> Self {
        GroupCancelResult {
            id: result.id,
            cancelled: result.cancelled,
            problem: result.problem.map(str::to_owned),
        }
    }
}

#[OpenApi(prefix_path = "/api/console/groups", tag = "Area::Groups")]
impl GroupsApi {
    /// List groups, newest first, cancelled ones too
    ///
    /// One row a stay of a robot in a chat group.
    #[oai(path = "/", method = "get", operation_id = "listGroups")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// With this code.
        code: Query<Option<String>>,
        /// A part of the name.
        name: Query<Option<String>>,
        /// Pulled in by the user with this code.
        user_code: Query<Option<String>>,
        /// With this robot.
        robot_code: Query<Option<String>>,
        /// How far they have come.
        status: Query<Option<GroupStatus>>,
        /// With this star.
        star: Query<Option<Star>>,
        /// Old ones, or new ones.
        old_group: Query<Option<bool>>,
        /// Given up for this reason.
        cancel_reason: Query<Option<CancelReason>>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleGroup>> {
        operator.must(Permission::Read)?;
        let filters = ConsoleFilters {
            code: optional_code("code", code.0)?,
            name: name.0,
            user_code: optional_code("user_code", user_code.0)?,
            robot_code: optional_code("robot_code", robot_code.0)?,
            status: status.0,
            star: star.0,
            old_group: old_group.0,
            cancel_reason: cancel_reason.0,
        };
        paged(group::list_for_console(edge.context(), filters, page.0).await?)
    }

    /// Write down which groups are old and how much of each repeats
    ///
    /// Of 1 to 10,000 groups at once. Each on its own; unknown codes are named in the answer.
    #[oai(path = "/traits", method = "post", operation_id = "importGroupTraits")]
    async fn import_traits(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        body: Body<Vec<GroupTrait>>,
    ) -> Answer<Vec<GroupTraitResult>> {
        operator.must(Permission::EditGroups)?;
        let traits: kernel::Result<Vec<_>> = body.0.into_iter().map(GroupTrait::read).collect();
        let results = group::import_traits(edge.context(), operator.id, traits?).await?;
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
        edge: Data<&Edge>,
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
            group::cancel_for_operator(edge.context(), operator.id, &group_ids, reason, dry_run).await?;
        answer(
            results
                .into_iter()
                .map(GroupCancelResult::from)
                .collect::<Vec<_>>(),
        )
    }
}
