//! One robot, with its days and what went wrong.

use super::Area;
use super::robots::ConsoleRobot;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use domain::identity::Permission;
use domain::robot::{self, RobotDay, RobotIncident, RobotReplacement, RobotTies};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct RobotDetailApi;

/// A robot and what became of it.
#[derive(Object)]
struct RobotDetail {
    #[oai(flatten)]
    robot: ConsoleRobot,
    /// How many depend on it.
    ties: RobotTies,
    /// Its counters on the dates asked for, newest first.
    days: Vec<RobotDay>,
    /// Whose groups it took down, the newest fifty; who befriended it again is not among them.
    incidents: Vec<RobotIncident>,
    /// Its newest fifty replacements.
    replacements: Vec<RobotReplacement>,
}

impl From<robot::RobotDetail> for RobotDetail {
    fn from(detail: robot::RobotDetail) -> Self {
        RobotDetail {
            robot: detail.robot.into(),
            ties: detail.ties,
            days: detail.days,
            incidents: detail.incidents,
            replacements: detail.replacements,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/robots", tag = "Area::Robots")]
impl RobotDetailApi {
    /// One robot
    ///
    /// Deleted ones too. With its counters by date, whose groups it took down, and its replacements. Without dates: the
    /// last 30 days.
    #[oai(path = "/:id", method = "get", operation_id = "getRobot")]
    async fn get(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<RobotId>,
        /// Counters of this date or later; at most 366 days before `to`.
        from: Query<Option<BusinessDate>>,
        /// Counters of this date or before; today unless told.
        to: Query<Option<BusinessDate>>,
    ) -> Answer<RobotDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let found = robot::get_for_console(edge.context(), id.0, (from.0, to.0)).await?;
        answer(found.into())
    }
}
