//! One group with everything operators ask about it, its income included.

use super::outlook::{Outlook, outlooks};
use super::repo::earnings::{self, GroupLine};
use crate::group::{self, ConsoleGroup, GroupCleanup, GroupStay, StarChange};
use kernel::Context;
use kernel::dates::{DateFilter, LONGEST_RANGE};
use kernel::error::Result;
use kernel::id::{GroupId, RobotId};
use kernel::money::Share;
use kernel::partitions;
use poem_openapi::Object;

/// A group and what hangs on it.
#[derive(Debug, Object)]
pub struct GroupDetail {
    /// The group.
    #[oai(flatten)]
    pub group: ConsoleGroup,
    /// The robot in it.
    pub robot_id: Option<RobotId>,
    /// How many people in it are known one by one.
    pub known_members: i64,
    /// By which rule it is paid.
    pub rule: Option<Outlook>,
    /// What it brought its importer on all dates that are kept, two years, six places.
    pub total_income: Share,
    /// What runs of the dates asked for made of it, newest first.
    pub income: Vec<GroupLine>,
    /// The newest fifty stays in the chat group, this one among them.
    pub stays: Vec<GroupStay>,
    /// The newest fifty changes of its star.
    pub stars: Vec<StarChange>,
    /// The newest fifty clean-ups it stood in.
    pub cleanups: Vec<GroupCleanup>,
}

/// One group for an operator, with its income from one date to another.
///
/// # Errors
/// 1403 for no range of dates, 1404 when there is no such group.
pub async fn get_group(context: &Context, id: GroupId, dates: DateFilter) -> Result<GroupDetail> {
    let (conn, today) = (context.db.read(), context.clock.today());
    let range = dates.range(today, LONGEST_RANGE)?;
    let found = group::get_for_console(context, id).await?;
    let importer = found.group.user_id;
    let oldest = partitions::oldest_kept(today);
    let earned = earnings::earned_by_groups(conn, importer, &[id], today, oldest).await?;
    Ok(GroupDetail {
        robot_id: found.robot_id,
        known_members: found.known_members,
        rule: outlooks(conn, &[id]).await?.remove(&id),
        total_income: earned.get(&id).copied().unwrap_or_default().total,
        income: earnings::lines_of_group(conn, importer, id, range).await?,
        stays: found.stays,
        stars: found.stars,
        cleanups: found.cleanups,
        group: found.group,
    })
}
