//! One robot with everything operators ask about it.

use super::model::Robot;
use super::repo::history::{self, RobotDay, RobotIncident, RobotReplacement, RobotTies};
use kernel::Context;
use kernel::dates::{DateFilter, LONGEST_RANGE};
use kernel::error::{Error, Result};
use kernel::id::RobotId;

/// How many incidents and replacements come with a robot.
const NEWEST: i64 = 50;

/// A robot and what became of it.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct RobotDetail {
    pub robot: Robot,
    pub ties: RobotTies,
    /// Newest first.
    pub days: Vec<RobotDay>,
    /// The newest, newest first.
    pub incidents: Vec<RobotIncident>,
    /// The newest, newest first.
    pub replacements: Vec<RobotReplacement>,
}

/// One robot for an operator, deleted ones too, with its days from one date to another.
///
/// # Errors
/// 1404 when there is none, 1403 for no range of dates.
pub async fn get_for_console(context: &Context, id: RobotId, dates: DateFilter) -> Result<RobotDetail> {
    let range = dates.range(context.clock.today(), LONGEST_RANGE)?;
    let conn = context.db.read();
    let robot = history::any_by_id(conn, id).await?;
    Ok(RobotDetail {
        robot: robot.ok_or_else(|| Error::not_found("robot"))?,
        ties: history::ties_of(conn, id).await?,
        days: history::days_of(conn, id, range).await?,
        incidents: history::incidents_of(conn, id, NEWEST).await?,
        replacements: history::replacements_of(conn, id, NEWEST).await?,
    })
}
