//! The user's groups.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::bounded_list::BoundedList;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, PageOf, answer, answer_page, done};
use crate::http::paging::{FromTo, Paging};
use chrono::{DateTime, Utc};
use domain::group::{self, GroupState, IncomeFilter, IncomeStatus, Star, StarChange};
use domain::robot::Robot;
use domain::settlement::{self, GroupDay, GroupIncome, Outlook};
use kernel::code::Code;
use kernel::id::{GroupId, RobotId};
use kernel::money::{Money, Share};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use transport::{CancelReason, GroupCode};

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
    state: GroupState,
    /// People in it; null until the chat network has told.
    member_count: Option<i32>,
    /// When the robot left; null while it is there.
    cancelled_at: Option<DateTime<Utc>>,
    /// Why it left.
    cancel_reason: Option<CancelReason>,
    /// What a day brings me by the rule, six places; null while it earns nothing by star or repeat rate.
    daily_income: Option<Share>,
    /// For how many days it is settled at its star; null until it has one.
    settle_days: Option<i16>,
    /// What it brought me yesterday, six places.
    yesterday_income: Share,
    /// What it brought me on all dates that are kept, two years, six places.
    total_income: Share,
}

/// A group of the user's with its history.
#[derive(Object)]
struct UserGroupDetail {
    #[oai(flatten)]
    group: UserGroup,
    /// By which rule it is paid.
    rule: Option<Outlook>,
    /// The robot in it; null where there is none.
    robot: Option<GroupRobot>,
    /// The newest hundred changes of its star, newest first.
    stars: Vec<StarChange>,
    /// What it brought me on the dates asked for that brought something, newest first.
    income: Vec<GroupDay>,
}

/// The robot in a group.
#[derive(Object)]
struct GroupRobot {
    id: RobotId,
    name: String,
    /// What people search for to add it.
    wechat_no: String,
    head_url: String,
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

impl UserGroup {
    fn new(group: group::UserGroup, income: &GroupIncome) -> Self {
        let outlook = income.outlook.as_ref();
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
            state: group.state,
            member_count: group.member_count,
            cancelled_at: group.cancelled_at,
            cancel_reason: group.cancel_reason,
            daily_income: outlook.and_then(|outlook| outlook.daily_income),
            settle_days: outlook.and_then(|outlook| outlook.settle_days),
            yesterday_income: income.earned.on_day,
            total_income: income.earned.total,
        }
    }
}

impl From<Robot> for GroupRobot {
    fn from(robot: Robot) -> Self {
        GroupRobot {
            id: robot.id,
            name: robot.name,
            wechat_no: robot.wechat_no,
            head_url: robot.head_url,
        }
    }
}

#[OpenApi(prefix_path = "/api/h5/groups", tag = "Area::Groups")]
impl GroupsApi {
    /// My groups, newest first
    ///
    /// With a state those of it, cancelled ones too. Without: those that are not cancelled; status 1 those that are rated or
    /// old, status 0 those that wait for a star.
    #[oai(path = "/", method = "get", operation_id = "listMyGroups")]
    async fn list(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// 1 those that are rated or old, 0 those that wait for a star; without, both.
        status: Query<Option<IncomeFilter>>,
        /// Those that have come so far.
        state: Query<Option<GroupState>>,
        page: Paging,
    ) -> PageOf<Vec<UserGroup>> {
        let context = app.context();
        let found = settlement::list_groups_of_user(context, user.id(), status.0, state.0, page.0).await?;
        let shown = found.rows.into_iter();
        let shown = shown.map(|(group, income)| UserGroup::new(group, &income));
        answer_page(shown.collect(), found.info)
    }

    /// One group of mine
    ///
    /// With its stars, the rule it is paid by, its robot, and what it brought me by date. Without dates: the last 30 days.
    #[oai(path = "/:id", method = "get", operation_id = "getMyGroup")]
    async fn get(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// The group's id.
        id: Path<GroupId>,
        income: FromTo,
    ) -> Answer<UserGroupDetail, { codes(&[Code::ResourceNotFound]) }> {
        let (found, promised, days) =
            settlement::get_group_of_user(app.context(), user.id(), id.0, income.0).await?;
        answer(UserGroupDetail {
            group: UserGroup::new(found.group, &promised),
            rule: promised.outlook,
            robot: found.robot.map(GroupRobot::from),
            stars: found.stars,
            income: days,
        })
    }

    /// Turn delivery of ads on or off
    ///
    /// The delivery system is asked first; when it refuses, nothing changes.
    #[oai(path = "/launch-switch", method = "put", operation_id = "switchMyDelivery")]
    async fn switch_delivery(
        &self,
        app: Data<&AppState>,
        user: H5User,
        body: Body<BoundedList<LaunchSwitch, 1000>>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound, Code::PartnerFailed]) }> {
        let switches = body.0.0.into_iter();
        let switches = switches
            .map(|one| (one.code.to_string(), one.rcv_task_flag == Flag::On))
            .collect();
        let launch = &app.partners().launch;
        group::set_launch_switch(app.context(), launch, user.id(), switches).await?;
        done()
    }

    /// Give a group up
    ///
    /// It is gone once the chat network says so.
    #[oai(path = "/:id", method = "delete", operation_id = "cancelMyGroup")]
    async fn cancel(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// The group's id.
        id: Path<GroupId>,
        /// 4, which is the only reason a user can give.
        #[oai(name = "cancel_reason")]
        _cancel_reason: Query<Option<UserReason>>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound]) }> {
        group::cancel_for_user(app.context(), user.id(), id.0).await?;
        done()
    }
}
