//! Robots, as operators see them.

use super::Area;
use super::robot_detail::RobotDetail;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::chat_code::{CodeSearch, optional_code};
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, PageOf, answer, done, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::group;
use domain::identity::Permission;
use domain::robot::registry::{self, Changes, NewRobot};
use domain::robot::{self, RobotColumn, RobotFilter, RobotStatus};
use kernel::code::Code;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};
use transport::RobotCode;

pub struct RobotsApi;

filters! {
    /// Which robots.
    struct RobotQuery {
        /// With this code.
        code: CodeSearch,
        /// A part of the name.
        name: String,
        /// For users of this channel.
        channel: String,
        /// How they stand.
        status: RobotStatus,
    }
}

/// A robot.
#[derive(Object)]
pub(super) struct ConsoleRobot {
    id: RobotId,
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
    status: RobotStatus,
}

/// A robot to take into service.
#[derive(Object)]
struct RobotRegistration {
    /// Its id on the chat network.
    code: RobotCode,
    #[oai(validator(min_length = 1, max_length = 255, pattern = r"\S"))]
    name: String,
    #[oai(validator(max_length = 255))]
    wechat_no: String,
    #[oai(validator(max_length = 2048, pattern = r"^(https?://\S+)?$"))]
    head_url: String,
    #[oai(validator(max_length = 2048, pattern = r"^(https?://\S+)?$"))]
    qr_code: String,
    /// Whose users it is for; without one, everybody's.
    #[oai(validator(max_length = 255))]
    channel: Option<String>,
    /// Groups it may be bound to at once.
    #[oai(validator(minimum(value = "0"), maximum(value = "100000")))]
    count_threshold: i32,
}

/// What is to be different about a robot; what is left out stays.
#[derive(Object)]
struct RobotChanges {
    #[oai(validator(min_length = 1, max_length = 255, pattern = r"\S"))]
    name: Option<String>,
    #[oai(validator(max_length = 255))]
    wechat_no: Option<String>,
    #[oai(validator(max_length = 2048, pattern = r"^(https?://\S+)?$"))]
    head_url: Option<String>,
    #[oai(validator(max_length = 2048, pattern = r"^(https?://\S+)?$"))]
    qr_code: Option<String>,
    /// Whose users it is for; null: everybody's from now on.
    #[oai(validator(max_length = 255))]
    channel: MaybeUndefined<String>,
    /// Groups it may be bound to at once. Today's counters follow.
    #[oai(validator(minimum(value = "0"), maximum(value = "100000")))]
    count_threshold: Option<i32>,
}

impl From<robot::Robot> for ConsoleRobot {
    fn from(robot: robot::Robot) -> Self {
        ConsoleRobot {
            id: robot.id,
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

impl From<RobotChanges> for Changes {
    fn from(changes: RobotChanges) -> Self {
        Changes {
            name: changes.name,
            wechat_no: changes.wechat_no,
            head_url: changes.head_url,
            qr_code: changes.qr_code,
            channel: match changes.channel {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(channel) => Some(Some(channel)),
            },
            count_threshold: changes.count_threshold,
        }
    }
}

impl From<RobotRegistration> for NewRobot {
    fn from(new: RobotRegistration) -> Self {
        NewRobot {
            code: new.code,
            name: new.name,
            wechat_no: new.wechat_no,
            head_url: new.head_url,
            qr_code: new.qr_code,
            channel: new.channel,
            count_threshold: new.count_threshold,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/robots", tag = "Area::Robots")]
impl RobotsApi {
    /// List robots
    ///
    /// Deleted ones only for status 3. The dates are those they were taken into service on.
    #[oai(path = "/", method = "get", operation_id = "listRobots")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: RobotQuery,
        created: FromTo,
        sort: Sorting<RobotColumn>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleRobot>> {
        operator.must(Permission::Read)?;
        let filter = RobotFilter {
            code: optional_code("code", query.code)?,
            name: query.name,
            channel: query.channel,
            status: query.status,
            created: created.0,
            sort: sort.0,
        };
        paged(robot::list(app.context(), filter, page.0).await?)
    }

    /// Take a robot into service
    ///
    /// It is offered at once. The code of a deleted robot may come again: then that robot is back, with its friends and
    /// what it did today.
    #[oai(path = "/", method = "post", operation_id = "registerRobot")]
    async fn register(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<RobotRegistration>,
    ) -> Answer<ConsoleRobot, { codes(&[Code::DuplicateRequest]) }> {
        operator.must(Permission::EditRobots)?;
        let robot = registry::register_by(app.context(), operator.id, body.0.into()).await?;
        answer(robot.into())
    }

    /// One robot
    ///
    /// Deleted ones too. With its counters by date, whose groups it took down, and its replacements. Without dates: the
    /// last 30 days.
    #[oai(path = "/:id", method = "get", operation_id = "getRobot")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The robot's id.
        id: Path<RobotId>,
        counted: FromTo,
    ) -> Answer<RobotDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let found = robot::get_for_console(app.context(), id.0, counted.0).await?;
        answer(found.into())
    }

    /// Offer a robot no longer
    ///
    /// Its groups stay; nobody new is sent to it.
    #[oai(path = "/:id/set-aside", method = "post", operation_id = "setRobotAside")]
    async fn set_aside(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The robot's id.
        id: Path<RobotId>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::EditRobots)?;
        registry::set_aside_by(app.context(), operator.id, id.0).await?;
        done()
    }

    /// Edit a robot
    ///
    /// The chat network's word on name, wechat_no, head_url and qr_code replaces ours at the next run of sync_robots.
    #[oai(path = "/:id", method = "patch", operation_id = "editRobot")]
    async fn edit(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The robot's id.
        id: Path<RobotId>,
        body: Body<RobotChanges>,
    ) -> Answer<ConsoleRobot, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::EditRobots)?;
        let robot = registry::edit_by(app.context(), operator.id, id.0, body.0.into()).await?;
        answer(robot.into())
    }

    /// Give a robot that was set aside back to service
    ///
    /// It is offered at once, unless it is out for today for another reason. A blocked one is refused with 2004.
    #[oai(path = "/:id/return", method = "post", operation_id = "returnRobot")]
    async fn give_back(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The robot's id.
        id: Path<RobotId>,
    ) -> Answer<ConsoleRobot, { codes(&[Code::ResourceNotFound, Code::NotPossible]) }> {
        operator.must(Permission::EditRobots)?;
        answer(
            registry::return_by(app.context(), operator.id, id.0)
                .await?
                .into(),
        )
    }

    /// Delete a robot
    ///
    /// One that is in groups is refused with 2004 and their number in `data.active_groups`, unless they are to be
    /// cancelled: then they end at once with reason 4. What it was still to say is given up.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteRobot")]
    async fn delete(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The robot's id.
        id: Path<RobotId>,
        /// Whether its groups are to be cancelled.
        #[oai(default)]
        cancel_groups: Query<bool>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound, Code::NotPossible]) }> {
        operator.must(Permission::EditRobots)?;
        group::delete_robot(app.context(), operator.id, id.0, cancel_groups.0).await?;
        done()
    }
}
