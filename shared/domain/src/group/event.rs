//! What whoever listens hears of groups.

use super::model::Star;
use crate::tracking::{BusinessEvent, EventName};
use kernel::id::UserId;
use serde::Serialize;
use transport::{CancelReason, GroupCode};

/// A robot's stay in a group began.
#[derive(Debug, Serialize)]
pub(super) struct GroupBound {
    /// The group's code.
    pub group: GroupCode,
    /// Who pulled the robot in, and earns by the group.
    pub user: UserId,
}

impl BusinessEvent for GroupBound {
    const NAME: EventName = EventName::GroupBound;

    fn subject(&self) -> String {
        subject(&self.group)
    }
}

/// A group was rated: its star, its state or both are new.
#[derive(Debug, Serialize)]
pub(super) struct StarChanged {
    /// The group's code.
    pub group: GroupCode,
    /// Who earns by the group.
    pub user: UserId,
    /// The star it has now.
    pub star: Star,
    /// Why, as the partner who rates said: a `RatingState`, or a number of its own that we keep and do not know.
    pub state: i16,
}

impl BusinessEvent for StarChanged {
    const NAME: EventName = EventName::StarChanged;

    fn subject(&self) -> String {
        subject(&self.group)
    }
}

/// A robot's stay in a group ended.
#[derive(Debug, Serialize)]
pub(super) struct GroupCancelled {
    /// The group's code.
    pub group: GroupCode,
    /// Who earned by the group.
    pub user: UserId,
    /// Why.
    pub reason: CancelReason,
}

impl BusinessEvent for GroupCancelled {
    const NAME: EventName = EventName::GroupCancelled;

    fn subject(&self) -> String {
        subject(&self.group)
    }
}

fn subject(group: &GroupCode) -> String {
    format!("group:{group}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::wire;

    #[test]
    fn groups_are_announced_so() {
        let group: GroupCode = "G-1".parse().unwrap();
        let user: UserId = "0192f0c1-0000-7000-8000-000000000001".parse().unwrap();
        let bound = GroupBound {
            group: group.clone(),
            user,
        };
        assert_eq!(
            wire(&bound),
            r#"{"command":"group_bound","body":{"group":"G-1","user":"0192f0c1-0000-7000-8000-000000000001"}}"#
        );
        let changed = StarChanged {
            group: group.clone(),
            user,
            star: Star::Four,
            state: 9,
        };
        assert_eq!(
            wire(&changed),
            r#"{"command":"star_changed","body":{"group":"G-1","user":"0192f0c1-0000-7000-8000-000000000001","star":4,"state":9}}"#
        );
        let cancelled = GroupCancelled {
            group,
            user,
            reason: CancelReason::TooQuiet,
        };
        assert_eq!(
            wire(&cancelled),
            r#"{"command":"group_cancelled","body":{"group":"G-1","user":"0192f0c1-0000-7000-8000-000000000001","reason":7}}"#
        );
    }
}
