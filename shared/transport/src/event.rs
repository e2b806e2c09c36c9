//! What happens on a chat network, in our words. The README of this crate tells of each.

mod groups;
mod messages;
mod robots;

pub use groups::*;
pub use messages::*;
pub use robots::*;

use crate::code::RobotCode;

/// Something that happened to a robot or one of its groups.
#[derive(Debug, Clone, PartialEq)]
pub enum RobotEvent {
    /// Somebody spoke in a group.
    GroupMessage(GroupMessage),
    /// Somebody spoke to a robot.
    PrivateMessage(PrivateMessage),
    /// Complete member lists, one a group.
    GroupMembers(Vec<GroupMembers>),
    /// Somebody joined a group.
    JoinGroup(Joined),
    /// Somebody left a group.
    DropOutGroup(Left),
    /// A robot was befriended.
    RobotAdded(RobotAdded),
    /// A robot was pulled into a group and waits to be bound.
    WaitForBind(Binding),
    /// The network bound a group.
    BindGroupSuccess(Binding),
    /// The network unbound a group.
    UnbindGroupSuccess(Unbound),
    /// A robot was thrown out.
    RobotKicked(RobotKicked),
    /// How a group looks.
    GroupInfo(GroupInfo),
    /// A robot could not join.
    RobotJoinFailed(JoinFailed),
    /// The network blocked a robot.
    AbnormalRobot(AbnormalRobot),
    /// A blocked robot lives on with a new QR code.
    AbnormalRobotReplaced(RobotReplaced),
    /// A command we know nothing of: acknowledged and kept.
    Unknown(String),
}

impl RobotEvent {
    /// The event's name, for metrics; one for all unknown ones.
    pub fn name(&self) -> &'static str {
        match self {
            RobotEvent::GroupMessage(_) => "group_message",
            RobotEvent::PrivateMessage(_) => "private_message",
            RobotEvent::GroupMembers(_) => "group_members",
            RobotEvent::JoinGroup(_) => "join_group",
            RobotEvent::DropOutGroup(_) => "drop_out_group",
            RobotEvent::RobotAdded(_) => "robot_added",
            RobotEvent::WaitForBind(_) => "wait_for_bind",
            RobotEvent::BindGroupSuccess(_) => "bind_group_success",
            RobotEvent::UnbindGroupSuccess(_) => "unbind_group_success",
            RobotEvent::RobotKicked(_) => "robot_kicked",
            RobotEvent::GroupInfo(_) => "group_info",
            RobotEvent::RobotJoinFailed(_) => "robot_join_failed",
            RobotEvent::AbnormalRobot(_) => "abnormal_robot",
            RobotEvent::AbnormalRobotReplaced(_) => "abnormal_robot_replaced",
            RobotEvent::Unknown(_) => "unknown",
        }
    }

    /// Code of the robot whose capacity the event may change.
    pub fn robot_code(&self) -> Option<&RobotCode> {
        match self {
            RobotEvent::WaitForBind(binding) | RobotEvent::BindGroupSuccess(binding) => {
                Some(&binding.robot_code)
            }
            RobotEvent::RobotJoinFailed(failed) => Some(&failed.robot_code),
            RobotEvent::AbnormalRobot(robot) => Some(&robot.robot_code),
            RobotEvent::AbnormalRobotReplaced(replaced) => Some(&replaced.robot_code),
            _ => None,
        }
    }
}
