//! Groups as users and operators see them.

use super::repo::lists as rows;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::id::{GroupId, RobotId, UserId};
use kernel::money::Money;
use kernel::page::{Page, Paged};

pub use rows::{ConsoleGroup, GroupColumn, GroupFilter};

use super::model::{GroupState, MOST_SETTLEMENTS, Star};
use transport::{CancelReason, GroupCode};

kernel::numbered! {
    /// Which of the user's groups.
    pub enum IncomeFilter: "status" {
        /// Those that wait for a star.
        Waiting = 0,
        /// Those that are rated or old.
        Earning = 1,
    }
}

kernel::named! {
    /// Whether a group still earns.
    pub enum IncomeStatus {
        /// Every day, by its star.
        Earning = "earning",
        /// Its days are settled and delivery is off.
        Over = "over",
    }
}

/// What an ad read is advertised with.
fn advertised_read() -> Money {
    Money::from_fen(16)
}

/// A group of a user's.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct UserGroup {
    pub id: GroupId,
    pub code: GroupCode,
    pub name: String,
    pub create_date: DateTime<Utc>,
    pub launch_switch: bool,
    pub settle_count: i16,
    /// The star.
    pub quality_level: Option<Star>,
    pub old_group: bool,
    /// The robot's nickname in the group, else its name; null where the group has no robot.
    pub robot_name: Option<String>,
    pub text_income: Money,
    /// What the star is advertised with; new groups only.
    pub group_income: Option<Money>,
    /// New groups only, once they are rated.
    pub income_status: Option<IncomeStatus>,
    /// How far it has come.
    pub state: GroupState,
    pub member_count: Option<i32>,
    /// When and why the robot left.
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancel_reason: Option<CancelReason>,
    pub robot_id: Option<RobotId>,
}

impl From<rows::UserRow> for UserGroup {
    fn from(row: rows::UserRow) -> Self {
        let star = row.star.filter(|_| !row.old_group);
        let over = row.settle_count >= MOST_SETTLEMENTS && !row.launch_switch;
        UserGroup {
            id: row.id,
            code: row.code,
            name: row.name,
            create_date: row.bound_at,
            launch_switch: row.launch_switch,
            settle_count: row.settle_count,
            quality_level: row.star,
            old_group: row.old_group,
            robot_name: row.robot_name,
            text_income: advertised_read(),
            group_income: star.map(Star::advertised),
            income_status: star.map(|_| match over {
                true => IncomeStatus::Over,
                false => IncomeStatus::Earning,
            }),
            state: row.state,
            member_count: row.member_count,
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason,
            robot_id: row.robot_id,
        }
    }
}

/// A user's groups, newest first: of one state, cancelled ones too; without, those that are not cancelled, or of one kind of income
/// or all.
pub async fn list_for_user(
    context: &Context,
    user: UserId,
    filter: Option<IncomeFilter>,
    state: Option<GroupState>,
    page: Page,
) -> Result<Paged<UserGroup>> {
    let earning = filter.map(|filter| filter == IncomeFilter::Earning);
    let found = rows::of_user(context.db.read(), user, earning, state, page).await?;
    Ok(Paged {
        rows: found.rows.into_iter().map(UserGroup::from).collect(),
        info: found.info,
    })
}

/// Groups by any of the filters, cancelled ones too.
pub async fn list_for_console(
    context: &Context,
    filters: GroupFilter,
    page: Page,
) -> Result<Paged<ConsoleGroup>> {
    rows::all(context.db.read(), filters, page).await
}
