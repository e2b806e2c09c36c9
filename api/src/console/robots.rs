//! Robots, as operators see them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::{code, optional_code};
use crate::http::envelope::{Answer, Nothing, answer, done, paged};
use crate::http::paging::Paging;
use crate::http::schema::Text;
use domain::identity::role::Permission;
use domain::robot::lists::{self, RobotFilter};
use domain::robot::registry::{self, NewRobot};
use domain::robot::{self, model};
use kernel::clock::BusinessDate;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct RobotsApi;

/// A robot.
#[derive(Object)]
struct ConsoleRobot {
    id: Text<RobotId>,
    /// Its id on the chat network.
    code: String,
    name: String,
    wechat_no: String,
    head_url: String,
    qr_code: String,
    /// Whose users it is for; null: everybody's.
    channel: Option<String>,
    /// Groups it may be bound to at once.
    count_threshold: i32,
    /// Groups it is bound to.
    count_distribute: i32,
    /// 1 allocatable, 2 set aside, 3 deleted, 5 blocked.
    status: i16,
}

/// A robot to take into service.
#[derive(Object)]
struct RobotRegistration {
    /// Its id on the chat network.
    code: String,
    name: String,
    wechat_no: String,
    head_url: String,
    qr_code: String,
    /// Whose users it is for; without one, everybody's.
    channel: Option<String>,
    /// Groups it may be bound to at once.
    count_threshold: i32,
}

/// A robot's counters on one business day.
#[derive(Object)]
struct RobotCapacity {
    robot_id: Text<RobotId>,
    code: String,
    name: String,
    channel: Option<String>,
    status: i16,
    /// Activations the day may hold.
    overage: i32,
    /// Displays the day may hold.
    display_limit: i32,
    displays: i32,
    activations: i32,
    /// Activations left.
    remaining: i32,
    /// Whether it is offered.
    recommendable: bool,
    /// join_failed, bind_refused, lifetime_used_up, set_aside or blocked, if it was taken out for the day.
    removed_reason: Option<String>,
}

impl From<model::Robot> for ConsoleRobot {
    fn from(robot: model::Robot) -> Self {
        ConsoleRobot {
            id: robot.id.into(),
            code: robot.code.to_string(),
            name: robot.name,
            wechat_no: robot.wechat_no,
            head_url: robot.head_url,
            qr_code: robot.qr_code,
            channel: robot.channel,
            count_threshold: robot.count_threshold,
            count_distribute: robot.count_distribute,
            status: robot.status,
        }
    }
}

impl From<model::DayCounters> for RobotCapacity {
    fn from(day: model::DayCounters) -> Self {
        RobotCapacity {
            robot_id: day.robot_id.into(),
            remaining: day.remaining(),
            recommendable: day.recommendable(),
            code: day.code.to_string(),
            name: day.name,
            channel: day.channel,
            status: day.status,
            overage: day.overage,
            display_limit: day.display_limit,
            displays: day.displays,
            activations: day.activations,
            removed_reason: day.removed_reason,
        }
    }
}

impl RobotRegistration {
    fn read(self) -> kernel::Result<NewRobot> {
        Ok(NewRobot {
            code: code("code", &self.code)?,
            name: self.name,
            wechat_no: self.wechat_no,
            head_url: self.head_url,
            qr_code: self.qr_code,
            channel: self.channel,
            count_threshold: self.count_threshold,
        })
    }
}

#[OpenApi(prefix_path = "/api/console/robots", tag = "Area::Robots")]
impl RobotsApi {
    /// List robots, newest first
    ///
    /// Deleted ones only for status 3.
    #[oai(path = "/", method = "get")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        code: Query<Option<String>>,
        /// A part of the name.
        name: Query<Option<String>>,
        channel: Query<Option<String>>,
        status: Query<Option<i16>>,
        page: Paging,
    ) -> Answer<Vec<ConsoleRobot>> {
        operator.must(Permission::Read)?;
        let filter = RobotFilter {
            code: optional_code("code", code.0)?,
            name: name.0,
            channel: channel.0,
            status: status.0,
        };
        paged(lists::list(edge.db.read(), filter, page.0).await?)
    }

    /// Take a robot into service
    ///
    /// It is offered at once.
    #[oai(path = "/", method = "post")]
    async fn register(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        body: Body<RobotRegistration>,
    ) -> Answer<ConsoleRobot> {
        operator.must(Permission::EditRobots)?;
        let robot = registry::register_by(edge.context(), operator.id, body.0.read()?).await?;
        answer(robot.into())
    }

    /// Every robot's counters on a business day
    #[oai(path = "/capacity", method = "get")]
    async fn capacity(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Today, unless told.
        date: Query<Option<Text<BusinessDate>>>,
    ) -> Answer<Vec<RobotCapacity>> {
        operator.must(Permission::Read)?;
        let day = date.0.map_or_else(|| edge.clock.today(), |date| date.0);
        let days = robot::capacity_of(edge.context(), day).await?;
        answer(days.into_iter().map(RobotCapacity::from).collect::<Vec<_>>())
    }

    /// Offer a robot no longer
    #[oai(path = "/:id/set-aside", method = "post")]
    async fn set_aside(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        id: Path<Text<RobotId>>,
    ) -> Answer<Nothing> {
        operator.must(Permission::EditRobots)?;
        registry::set_aside_by(edge.context(), operator.id, id.0.0).await?;
        done()
    }
}
