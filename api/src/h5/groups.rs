//! The user's groups.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, PageOf, done, paged};
use crate::http::list::List;
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use domain::group::Star;
use domain::group::{self, IncomeStatus, Standing};
use kernel::code::Code;
use kernel::id::GroupId;
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use transport::GroupCode;

pub struct GroupsApi;

/// A group of the user's.
#[derive(Object)]
struct UserGroup {
    id: GroupId,
    code: String,
    name: String,
    create_date: DateTime<Utc>,
    /// Whether ads are delivered to it.
    launch_switch: bool,
    /// Days it was settled.
    settle_count: i16,
    /// The star; null until it is rated.
    quality_level: Option<Star>,
    old_group: bool,
    /// The robot's nickname in the group, else its name; null where the group has no robot.
    robot_name: Option<String>,
    /// What reading an ad is advertised with.
    text_income: Money,
    /// What the star is advertised with; new groups only.
    group_income: Option<Money>,
    /// New groups only, once they are rated.
    income_status: Option<IncomeStatus>,
}

kernel::numbered! {
    /// Why a user gives a group up.
    enum UserReason: "cancel_reason" {
        /// They want to; the only reason they can give.
        Wanted = 4,
    }
}

kernel::numbered! {
    /// Whether something is on.
    enum Flag: "rcv_task_flag" {
        /// It is not.
        Off = 0,
        /// It is.
        On = 1,
    }
}

/// Delivery to one group.
#[derive(Object)]
struct LaunchSwitch {
    /// The group's code.
    code: GroupCode,
    /// Whether it is on.
    rcv_task_flag: Flag,
}

impl From<group::UserGroup> for UserGroup {
    fn from(group: group::UserGroup) -> Self {
        UserGroup {
            id: group.id,
            code: group.code.to_string(),
            name: group.name,
            create_date: group.create_date,
            launch_switch: group.launch_switch,
            settle_count: group.settle_count,
            quality_level: group.quality_level,
            old_group: group.old_group,
            robot_name: group.robot_name,
            text_income: group.text_income,
            group_income: group.group_income,
            income_status: group.income_status,
        }
    }
}

#[OpenApi(prefix_path = "/api/h5/groups", tag = "Area::Groups")]
impl GroupsApi {
    /// My groups, newest first
    ///
    /// Status 1: those that are rated or old. Status 0: those that wait for a star. Without: both.
    #[oai(path = "/", method = "get", operation_id = "listMyGroups")]
    async fn list(
        &self,
        edge: Data<&Edge>,
        user: H5User,
        /// 1 those that are rated or old, 0 those that wait for a star; without, both.
        status: Query<Option<Standing>>,
        page: Paging,
    ) -> PageOf<Vec<UserGroup>> {
        paged(group::list_for_user(edge.context(), user.id(), status.0, page.0).await?)
    }

    /// Turn delivery of ads on or off
    ///
    /// The delivery system is asked first; when it refuses, nothing changes.
    #[oai(path = "/launch-switch", method = "put", operation_id = "switchMyDelivery")]
    async fn switch_delivery(
        &self,
        edge: Data<&Edge>,
        user: H5User,
        body: Body<List<LaunchSwitch, 1000>>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound, Code::ExternalInterface]) }> {
        let switches = body.0.0.into_iter();
        let switches = switches
            .map(|one| (one.code.to_string(), one.rcv_task_flag == Flag::On))
            .collect();
        let launch = &edge.partners().launch;
        group::set_launch_switch(edge.context(), launch, user.id(), switches).await?;
        done()
    }

    /// Give a group up
    ///
    /// It is gone once the chat network says so.
    #[oai(path = "/:id", method = "delete", operation_id = "cancelMyGroup")]
    async fn cancel(
        &self,
        edge: Data<&Edge>,
        user: H5User,
        /// Which one.
        id: Path<GroupId>,
        /// 4, which is the only reason a user can give.
        #[oai(name = "cancel_reason")]
        _cancel_reason: Query<Option<UserReason>>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound]) }> {
        group::cancel_for_user(edge.context(), user.id(), id.0).await?;
        done()
    }
}
