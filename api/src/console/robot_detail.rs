//! One robot, with its days and what went wrong.

use super::robots::ConsoleRobot;
use domain::robot::{self, RobotDay, RobotIncident, RobotReplacement, RobotTies};
use poem_openapi::Object;

/// A robot and what became of it.
#[derive(Object)]
pub(super) struct RobotDetail {
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
