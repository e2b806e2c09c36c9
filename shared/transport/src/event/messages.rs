//! What people say.

use crate::code::{GroupCode, RobotCode, UserCode};
use chrono::{DateTime, Utc};

/// What is said in one message, in the gateway's kinds: 3 text, 6 link, 8 picture, 11 mini-program, 12 card. All is
/// empty where the network says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The kind's number.
    pub kind: i32,
    /// The text, or the address of a medium.
    pub content: String,
    /// Title of a link or mini-program.
    pub title: String,
    /// What stands below the title.
    pub desc: String,
    /// Where a link leads.
    pub url: String,
    /// How long a voice message is, as the network writes it.
    pub voice_time: String,
}

/// Somebody spoke in a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupMessage {
    /// The group.
    pub group_code: GroupCode,
    /// Who spoke.
    pub user_code: UserCode,
    /// Whether everybody was mentioned.
    pub mentions_all: bool,
    /// Who was mentioned; robots are members like others.
    pub mentions: Vec<UserCode>,
    /// The network's number of the message; empty when it has none.
    pub message_no: String,
    /// Whether a robot spoke, ours or another's.
    pub from_robot: bool,
    /// When, if the network tells.
    pub sent_at: Option<DateTime<Utc>>,
    /// What was said.
    pub said: Content,
    /// The whole body, to keep.
    pub body: serde_json::Value,
}

/// Somebody spoke to a robot.
#[derive(Debug, Clone, PartialEq)]
pub struct PrivateMessage {
    /// To whom.
    pub robot_code: RobotCode,
    /// Who.
    pub user_code: UserCode,
    /// When, if the network tells.
    pub sent_at: Option<DateTime<Utc>>,
    /// What was said.
    pub said: Content,
}
