//! What happens on a chat network, in our words. Codes are the network's ids; contracts.md section 1 tells each event.

use chrono::{DateTime, Utc};

/// Something that happened to a robot or one of its groups.
#[derive(Debug, Clone, PartialEq)]
pub enum RobotEvent {
    /// 1.2 Somebody spoke in a group.
    GroupMessage(GroupMessage),
    /// 1.3 Somebody spoke to a robot.
    PrivateMessage(PrivateMessage),
    /// 1.4 Complete member lists, one a group.
    GroupMembers(Vec<GroupMembers>),
    /// 1.5 Somebody joined a group.
    JoinGroup(MemberChange),
    /// 1.6 Somebody left a group.
    DropOutGroup(MemberChange),
    /// 1.7 A robot was befriended.
    RobotAdded(RobotAdded),
    /// 1.8 A robot was pulled into a group and waits to be bound.
    WaitForBind(Binding),
    /// 1.9 The network bound a group.
    BindGroupSuccess(Binding),
    /// 1.10 The network unbound a group.
    UnbindGroupSuccess(Unbound),
    /// 1.11 A robot was thrown out.
    RobotKicked(RobotInGroup),
    /// 1.12 How a group looks.
    GroupInfo(GroupInfo),
    /// 1.13 A robot could not join.
    RobotJoinFailed(JoinFailed),
    /// 1.14 The network blocked a robot.
    AbnormalRobot(AbnormalRobot),
    /// 1.15 A blocked robot lives on with a new QR code.
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
    pub fn robot_code(&self) -> Option<&str> {
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

/// See [`RobotEvent::GroupMessage`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct GroupMessage {
    pub group_code: String,
    pub user_code: String,
    pub mentions_all: bool,
    pub mentions: Vec<String>,
    pub message_no: String,
    pub from_robot: bool,
    pub sent_at: Option<DateTime<Utc>>,
    pub kind: i32,
    pub content: String,
    /// The whole body, to keep.
    pub body: serde_json::Value,
}

/// See [`RobotEvent::PrivateMessage`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct PrivateMessage {
    pub robot_code: String,
    pub user_code: String,
    pub sent_at: Option<DateTime<Utc>>,
    pub kind: i32,
    pub content: String,
}

/// The members of one group, complete.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct GroupMembers {
    pub group_code: String,
    pub members: Vec<Member>,
}

/// One member.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Member {
    pub user_code: String,
    /// The chat owner, 群主.
    pub is_owner: bool,
}

/// Somebody joined or left.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct MemberChange {
    pub group_code: String,
    pub user_code: String,
    pub at: Option<DateTime<Utc>>,
}

/// See [`RobotEvent::RobotAdded`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RobotAdded {
    pub robot_code: String,
    pub user_code: String,
    pub nickname: String,
    pub head_url: String,
}

/// See [`RobotEvent::WaitForBind`] and [`RobotEvent::BindGroupSuccess`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Binding {
    pub group_code: String,
    pub robot_code: String,
    /// Who pulled the robot in.
    pub user_code: String,
    /// 未命名 when the network gave none.
    pub name: String,
}

/// See [`RobotEvent::UnbindGroupSuccess`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Unbound {
    pub robot_code: String,
    pub group_code: String,
    /// 1 to 7; 4 when the network gave none.
    pub reason: i16,
}

/// A robot and a group.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RobotInGroup {
    pub robot_code: String,
    pub group_code: String,
}

/// See [`RobotEvent::GroupInfo`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct GroupInfo {
    pub group_code: String,
    pub name: Option<String>,
    pub owner_user_code: Option<String>,
    pub member_count: Option<i32>,
    /// The robots the network sees: their code, where it tells one, and whether they are in the group.
    pub robots: Vec<(Option<String>, bool)>,
}

/// See [`RobotEvent::RobotJoinFailed`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct JoinFailed {
    pub robot_code: String,
    pub group_code: String,
    pub user_code: String,
    pub reason: String,
}

/// See [`RobotEvent::AbnormalRobot`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct AbnormalRobot {
    pub robot_code: String,
}

/// See [`RobotEvent::AbnormalRobotReplaced`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RobotReplaced {
    pub robot_code: String,
    pub qr_code: String,
}

/// What a network says of a robot.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RobotProfile {
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
}
