//! Robots and the rules of their capacity.

use crate::identity::SPEAKING_ROBOTS;
use kernel::error::Error;
use kernel::{code::Code, id::RobotId};
use sea_orm::FromQueryResult;
use serde::Serialize;
use transport::RobotCode;

kernel::numbered! {
    /// How a robot stands.
    pub enum RobotStatus: "status" {
        /// Offered to users.
        Allocatable = 1,
        /// Healthy, but not offered.
        SetAside = 2,
        /// Gone.
        Deleted = 3,
        /// Blocked by the chat network.
        Blocked = 5,
    }
}

/// The room of identity asks for them and cannot name them.
const _: () = {
    let [offered, set_aside] = SPEAKING_ROBOTS;
    assert!(offered == RobotStatus::Allocatable.number() && set_aside == RobotStatus::SetAside.number());
};

/// An account on a chat network that we operate.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct Robot {
    /// Our id.
    pub id: RobotId,
    /// Its id on the chat network.
    pub code: RobotCode,
    /// As people see it.
    pub name: String,
    /// What people search for to add it.
    pub wechat_no: String,
    /// Its picture.
    pub head_url: String,
    /// Its QR code's address.
    pub qr_code: String,
    /// Whose users it is for; none: everybody's.
    pub channel: Option<String>,
    /// Groups it may be bound to at once, over its life.
    pub count_threshold: i32,
    /// Groups it is bound to.
    pub count_distribute: i32,
    /// How it stands.
    pub status: RobotStatus,
}

impl Robot {
    /// Whether it can be bound to no further group, whatever the day.
    pub fn lifetime_used_up(&self) -> bool {
        self.count_distribute >= self.count_threshold
    }

    /// Whether the chat network took it from us.
    pub fn blocked(&self) -> bool {
        self.status == RobotStatus::Blocked
    }

    /// What a visitor is shown.
    pub fn card(&self) -> RobotCard {
        RobotCard {
            robot_id: self.id,
            name: self.name.clone(),
            wechat_no: self.wechat_no.clone(),
            head_url: self.head_url.clone(),
            qr_code: self.qr_code.clone(),
        }
    }
}

/// What a visitor needs to befriend a robot.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct RobotCard {
    pub robot_id: RobotId,
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
}

/// A robot's counters on one business day.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct DayCounters {
    /// The robot.
    pub robot_id: RobotId,
    /// Its id on the chat network.
    pub code: RobotCode,
    /// As people see it.
    pub name: String,
    /// Whose users it is for.
    pub channel: Option<String>,
    /// Its status now.
    pub status: RobotStatus,
    /// Activations the day may hold.
    pub overage: i32,
    /// Displays the day may hold: overage times the display rate. What the previous system called the snapshot.
    pub display_limit: i32,
    /// Displays so far.
    pub displays: i32,
    /// Activations so far.
    pub activations: i32,
    /// Why it is out for today, if it is.
    pub removed_reason: Option<Removal>,
}

impl DayCounters {
    /// Activations left. Never negative: a late success counts even above the overage.
    pub fn remaining(&self) -> i32 {
        (self.overage - self.activations).max(0)
    }

    /// Whether it is offered today. `repo::recommendable` is the same in SQL.
    pub fn recommendable(&self) -> bool {
        self.exhaustion().is_none()
    }

    /// Why it is not offered, the most lasting cause first.
    pub fn exhaustion(&self) -> Option<Shortage> {
        if self.status != RobotStatus::Allocatable {
            Some(Shortage::NoneAllocatable)
        } else if self.overage == 0 {
            Some(Shortage::LifetimeUsedUp)
        } else if self.removed_reason.is_some() {
            Some(Shortage::AllRemoved)
        } else if self.activations >= self.overage {
            Some(Shortage::ActivationsUsedUp)
        } else if self.displays >= self.display_limit {
            Some(Shortage::DisplaysUsedUp)
        } else {
            None
        }
    }
}

kernel::named! {
    /// Why there is no robot to offer; `data.reason` of 1600. The later, the nearer a robot was.
    pub enum Shortage {
        /// There are no robots at all.
        NoneRegistered = "none_registered",
        /// There are robots, but neither of the channel nor general ones.
        NoRobotOfChannel = "no_robot_of_channel",
        /// They are blocked or set aside.
        NoneAllocatable = "none_allocatable",
        /// They are bound to as many groups as they may be.
        LifetimeUsedUp = "lifetime_used_up",
        /// They were taken out for today.
        AllRemoved = "all_removed",
        /// Today's activations are used up.
        ActivationsUsedUp = "activations_used_up",
        /// Today's displays are used up.
        DisplaysUsedUp = "displays_used_up",
    }
}

impl Shortage {
    /// The cause to name: that of the robot that came nearest.
    pub fn of(registered: usize, of_channel: &[DayCounters]) -> Shortage {
        let nearest = of_channel.iter().filter_map(DayCounters::exhaustion).max();
        match nearest {
            _ if registered == 0 => Shortage::NoneRegistered,
            None => Shortage::NoRobotOfChannel,
            Some(nearest) => nearest,
        }
    }

    /// 1600 with this reason.
    pub fn into_error(self) -> Error {
        Error::new(Code::NoRobotAvailable, "no robot is available")
            .with_data(serde_json::json!({ "reason": self }))
    }
}

kernel::named! {
    /// Why a robot is out for the day.
    pub enum Removal {
        /// It could not join a group.
        JoinFailed = "join_failed",
        /// The network refused to bind a group to it.
        BindRefused = "bind_refused",
        /// It is bound to as many groups as it may be.
        LifetimeUsedUp = "lifetime_used_up",
        /// An operator or partner set it aside.
        SetAside = "set_aside",
        /// The network blocked it.
        Blocked = "blocked",
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
