//! What happens to robots.

use crate::code::{GroupCode, RobotCode, UserCode};
use chrono::{DateTime, Utc};

/// A robot was befriended.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotAdded {
    /// The robot.
    pub robot_code: RobotCode,
    /// Its new friend.
    pub user_code: UserCode,
    /// The friend's name.
    pub nickname: String,
    /// The address of the friend's picture.
    pub avatar: String,
    /// When, if the network tells.
    pub added_at: Option<DateTime<Utc>>,
}

/// A robot could not join a group.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinFailed {
    /// The robot.
    pub robot_code: RobotCode,
    /// The group.
    pub group_code: GroupCode,
    /// Who wanted it there.
    pub user_code: UserCode,
    /// The group's name.
    pub name: String,
    /// The person's own id, which people search for.
    pub user_wxid: String,
    /// The address of the group's picture.
    pub avatar: String,
    /// Why, in the network's words.
    pub reason: String,
}

/// The network blocked a robot.
#[derive(Debug, Clone, PartialEq)]
pub struct AbnormalRobot {
    /// Which.
    pub robot_code: RobotCode,
}

/// A blocked robot lives on with a new QR code.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotReplaced {
    /// Which; it keeps its code.
    pub robot_code: RobotCode,
    /// The address of the new QR code.
    pub qr_code: String,
}

/// What a network says of a robot when asked.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotProfile {
    /// Its name.
    pub name: String,
    /// What people search for to add it.
    pub wechat_no: String,
    /// Its picture's address.
    pub head_url: String,
    /// Its QR code's address.
    pub qr_code: String,
}
