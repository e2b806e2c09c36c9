//! What happens to groups.

use crate::cancel_reason::CancelReason;
use crate::code::{GroupCode, RobotCode, UserCode};
use chrono::{DateTime, Utc};

/// The members of one group, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupMembers {
    /// The group.
    pub group_code: GroupCode,
    /// Everybody in it.
    pub members: Vec<Member>,
}

/// One member.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Who.
    pub user_code: UserCode,
    /// The chat owner, 群主. The gateway's `is_admin` means no other.
    pub is_owner: bool,
}

/// Somebody joined a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// The group.
    pub group_code: GroupCode,
    /// The newcomer.
    pub user_code: UserCode,
    /// Who brought them, if anybody.
    pub inviter: Option<UserCode>,
    /// Their name.
    pub nickname: String,
    /// Their picture's address.
    pub avatar: String,
    /// Their own id, which people search for.
    pub user_wxid: String,
    /// How they came, in the network's numbers.
    pub join_type: Option<i32>,
    /// When, if the network tells.
    pub joined_at: Option<DateTime<Utc>>,
}

/// Somebody left a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// The group.
    pub group_code: GroupCode,
    /// Who left.
    pub user_code: UserCode,
    /// When, if the network tells.
    pub left_at: Option<DateTime<Utc>>,
}

/// A robot was pulled into a group, or the network has bound it.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The group.
    pub group_code: GroupCode,
    /// The robot.
    pub robot_code: RobotCode,
    /// Who pulled the robot in.
    pub user_code: UserCode,
    /// 未命名 when the network gave none.
    pub name: String,
}

/// The network unbound a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Unbound {
    /// The robot that was in it.
    pub robot_code: RobotCode,
    /// The group.
    pub group_code: GroupCode,
    /// Why; wanted when the network gave none.
    pub reason: CancelReason,
}

/// A robot was thrown out of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotKicked {
    /// The robot.
    pub robot_code: RobotCode,
    /// The group.
    pub group_code: GroupCode,
    /// A person the network names; who threw it out, or who pulled it in, is not certain.
    pub user_code: Option<UserCode>,
    /// When, if the network tells.
    pub kicked_at: Option<DateTime<Utc>>,
}

/// How a group looks.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupInfo {
    /// The group.
    pub group_code: GroupCode,
    /// Its name.
    pub name: Option<String>,
    /// The chat owner, 群主.
    pub owner_user_code: Option<UserCode>,
    /// How many members it has.
    pub member_count: Option<i32>,
    /// The robots the network sees.
    pub robots: Vec<SeenRobot>,
}

/// A robot as the network's picture of a group has it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenRobot {
    /// Which, where the network tells.
    pub robot_code: Option<RobotCode>,
    /// Whether it is in the group.
    pub in_group: bool,
}
