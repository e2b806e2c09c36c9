//! What robots may still promise on a business day.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::envelope::{Answer, answer};
use domain::identity::Permission;
use domain::robot::{self, Removal, RobotStatus};
use kernel::clock::BusinessDate;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};

pub struct RobotCapacityApi;

/// A robot's counters on one business day.
#[derive(Object)]
struct RobotCapacity {
    robot_id: RobotId,
    code: String,
    name: String,
    channel: Option<String>,
    status: RobotStatus,
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
    /// If it was taken out for the day.
    removed_reason: Option<Removal>,
}

impl From<robot::DayCounters> for RobotCapacity {
    fn from(day: robot::DayCounters) -> Self {
        RobotCapacity {
            robot_id: day.robot_id,
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

#[OpenApi(prefix_path = "/api/console/robots", tag = "Area::Robots")]
impl RobotCapacityApi {
    /// Every robot's counters on a business day
    ///
    /// What each may still promise that day.
    #[oai(path = "/capacity", method = "get", operation_id = "listRobotCapacities")]
    async fn capacity(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Today, unless told.
        date: Query<Option<BusinessDate>>,
    ) -> Answer<Vec<RobotCapacity>> {
        operator.must(Permission::Read)?;
        let day = date.0.unwrap_or_else(|| app.clock.today());
        let days = robot::capacity_of(app.context(), day).await?;
        answer(days.into_iter().map(RobotCapacity::from).collect::<Vec<_>>())
    }
}
