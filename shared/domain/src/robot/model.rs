//! Robots and the rules of their capacity.

use kernel::error::Error;
use kernel::{code::Code, id::RobotId};
use sea_orm::FromQueryResult;
use serde::Serialize;
use transport::RobotCode;

/// Offered to users.
pub const ALLOCATABLE: i16 = 1;
/// Healthy, but not offered.
pub const SET_ASIDE: i16 = 2;
/// Gone.
pub const DELETED: i16 = 3;
/// Blocked by the chat network.
pub const BLOCKED: i16 = 5;

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
    /// One of the constants of this file.
    pub status: i16,
}

impl Robot {
    /// Whether it can be bound to no further group, whatever the day.
    pub fn lifetime_used_up(&self) -> bool {
        self.count_distribute >= self.count_threshold
    }

    /// Whether the chat network took it from us.
    pub fn blocked(&self) -> bool {
        self.status == BLOCKED
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
    pub status: i16,
    /// Activations the day may hold.
    pub overage: i32,
    /// Displays the day may hold: overage times the display rate. The original's snapshot.
    pub display_limit: i32,
    /// Displays so far.
    pub displays: i32,
    /// Activations so far.
    pub activations: i32,
    /// Why it is out for today, if it is.
    pub removed_reason: Option<String>,
}

impl DayCounters {
    /// Activations left. Never negative: a late success counts even above the overage.
    pub fn remaining(&self) -> i32 {
        (self.overage - self.activations).max(0)
    }

    /// Whether it is offered today. `repo::RECOMMENDABLE` is the same in SQL.
    pub fn recommendable(&self) -> bool {
        self.exhaustion().is_none()
    }

    /// Why it is not offered, the most lasting cause first.
    pub fn exhaustion(&self) -> Option<Shortage> {
        if self.status != ALLOCATABLE {
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

/// Why there is no robot to offer; `data.reason` of 1600. The later, the nearer a robot was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// There are no robots at all.
    NoneRegistered,
    /// There are robots, but neither of the channel nor general ones.
    NoRobotOfChannel,
    /// They are blocked or set aside.
    NoneAllocatable,
    /// They are bound to as many groups as they may be.
    LifetimeUsedUp,
    /// They were taken out for today.
    AllRemoved,
    /// Today's activations are used up.
    ActivationsUsedUp,
    /// Today's displays are used up.
    DisplaysUsedUp,
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
        Error::new(Code::RobotNotEnough, "no robot is available")
            .with_data(serde_json::json!({ "reason": self }))
    }
}

/// Why a robot is out for the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It could not join a group.
    JoinFailed,
    /// The network refused to bind a group to it.
    BindRefused,
    /// It is bound to as many groups as it may be.
    LifetimeUsedUp,
    /// An operator or partner set it aside.
    SetAside,
    /// The network blocked it.
    Blocked,
}

impl Removal {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Removal::JoinFailed => "join_failed",
            Removal::BindRefused => "bind_refused",
            Removal::LifetimeUsedUp => "lifetime_used_up",
            Removal::SetAside => "set_aside",
            Removal::Blocked => "blocked",
        }
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
