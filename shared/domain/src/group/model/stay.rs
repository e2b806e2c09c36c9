//! One stay of a robot in a group.

use chrono::{DateTime, Utc};
use kernel::id::{GroupId, RobotId, UserId};
use sea_orm::FromQueryResult;
use transport::{RobotCode, SeenRobot, UserCode};

/// Days a group can be settled at most, whatever its star's template says.
pub const MOST_SETTLEMENTS: i16 = 30;

kernel::named! {
    /// How far a group has come, as its user sees it.
    pub enum GroupState {
        /// It has no star yet.
        Waiting = "waiting",
        /// It is rated or old, and earns by that or by ads.
        Earning = "earning",
        /// The robot left, or its days are all settled and it gets no ads.
        Ended = "ended",
    }
}

/// What an event came to, in a few words for the inbox.
pub type Handled = &'static str;

kernel::numbered! {
    /// How far a stay has come.
    pub enum GroupStatus: "status" {
        /// It earns, or waits for its star.
        Normal = 1,
        /// All its days are settled; the robot is still in it.
        SettledOut = 2,
        /// Over.
        Cancelled = 3,
    }
}

kernel::numbered! {
    /// Whether the robot is in the group, as the chat network last said.
    pub enum RunningStatus: "running_status" {
        /// It is.
        InGroup = 1,
        /// It was thrown out.
        ThrownOut = 2,
    }
}

/// A stay that is not cancelled, as events need it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Stay {
    /// Its id.
    pub id: GroupId,
    /// The group's name.
    pub name: String,
    /// The importer.
    pub user_id: UserId,
    /// The importer's chat code.
    pub user_code: Option<UserCode>,
    /// The robot in it.
    pub robot_id: Option<RobotId>,
    /// Its chat code.
    pub robot_code: Option<RobotCode>,
    /// When it was bound.
    pub bound_at: DateTime<Utc>,
}

/// The status a stay has once its settled days and its star's `day` are known.
pub fn status_after_import(carried: i16, day: Option<i16>) -> GroupStatus {
    if carried >= day.unwrap_or(MOST_SETTLEMENTS).min(MOST_SETTLEMENTS) {
        GroupStatus::SettledOut
    } else {
        GroupStatus::Normal
    }
}

/// Whether the network still sees our robot in a group: by its code where the network tells codes, else the first one.
pub fn robot_in_group(robots: &[SeenRobot], ours: &RobotCode) -> bool {
    if robots.iter().any(|robot| robot.robot_code.is_some()) {
        return robots
            .iter()
            .any(|robot| robot.in_group && robot.robot_code.as_ref() == Some(ours));
    }
    robots.first().is_some_and(|robot| robot.in_group)
}

/// The patterns of `groups.illegal_name`: SQL's, with bars between them.
pub fn illegal_name_patterns(setting: &str) -> Vec<String> {
    setting
        .split('|')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_carried_count_settles_a_returning_group_out() {
        assert_eq!(status_after_import(0, None), GroupStatus::Normal);
        assert_eq!(status_after_import(29, None), GroupStatus::Normal);
        assert_eq!(status_after_import(30, None), GroupStatus::SettledOut);
        assert_eq!(status_after_import(12, Some(10)), GroupStatus::SettledOut);
        assert_eq!(status_after_import(30, Some(60)), GroupStatus::SettledOut);
    }

    #[test]
    fn our_robot_is_looked_for_by_code_where_there_are_codes() {
        let seen = |code: Option<&str>, in_group| SeenRobot {
            robot_code: code.map(|code| code.parse().unwrap()),
            in_group,
        };
        let ours = &"R-2".parse().unwrap();
        let coded = |code: &'static str, in_group| seen(Some(code), in_group);
        assert!(robot_in_group(&[coded("R-1", false), coded("R-2", true)], ours));
        assert!(!robot_in_group(&[coded("R-1", true), coded("R-2", false)], ours));
        assert!(!robot_in_group(&[coded("R-1", true)], ours));
        assert!(robot_in_group(&[seen(None, true), seen(None, false)], ours));
        assert!(!robot_in_group(&[seen(None, false), seen(None, true)], ours));
        assert!(!robot_in_group(&[], ours));
    }

    #[test]
    fn patterns_are_split_and_blank_ones_dropped() {
        assert_eq!(illegal_name_patterns(" %赌%|| %贷% "), ["%赌%", "%贷%"]);
        assert!(illegal_name_patterns("").is_empty());
    }

    proptest! {
        #[test]
        fn more_settled_days_never_reopen_a_group(carried in 0i16..60, day in 1i16..60) {
            prop_assert!(status_after_import(carried, Some(day)) <= status_after_import(carried + 1, Some(day)));
        }
    }
}
