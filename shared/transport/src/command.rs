//! What we ask of a chat network. Commands are rows of the outbox; the relay carries them out.

use chrono::{DateTime, Utc};
use kernel::data_keys::DataKeys;
use kernel::error::Result;
use kernel::outbox::{self, Destination, Message};
use kernel::secret::Secret;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

/// A command to a robot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RobotCommand {
    /// 2.1
    SendGroupMessage {
        robot_code: String,
        group_code: String,
        mention: Vec<String>,
        message: OutgoingMessage,
    },
    /// 2.2
    SendPrivateMessage {
        robot_code: String,
        user_code: String,
        message: OutgoingMessage,
    },
    /// 2.4
    RenameInGroup {
        robot_code: String,
        group_code: String,
        nickname: String,
    },
    /// 2.5
    BindGroup { robot_code: String, group_code: String },
    /// 2.6
    UnbindGroup {
        robot_code: String,
        group_code: String,
        reason: i16,
    },
    /// 2.7a
    SyncGroupMembers { group_code: String },
}

/// One message to send, in the kinds of contracts.md 2.8.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum OutgoingMessage {
    Text {
        text: String,
    },
    /// A text that is its receiver's alone; the network gets it like any other.
    SecretText {
        text: Secret,
    },
    Picture {
        url: String,
    },
    Link {
        title: String,
        description: String,
        thumbnail: String,
        url: String,
    },
    MiniProgram {
        title: String,
        xml: String,
        cover: String,
    },
    Card {
        id: String,
    },
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// The network took it.
    Done,
    /// The network said no, for good; its words.
    Refused(String),
    /// It did not get there, or may be repeated safely: try again.
    Retry(String),
    /// It may have got there, and a second time would be seen by people.
    Unknown(String),
}

impl RobotCommand {
    /// The command's name, for metrics and topics.
    pub fn name(&self) -> &'static str {
        match self {
            RobotCommand::SendGroupMessage { .. } => "send_group_message",
            RobotCommand::SendPrivateMessage { .. } => "send_private_message",
            RobotCommand::RenameInGroup { .. } => "rename_in_group",
            RobotCommand::BindGroup { .. } => "bind_group",
            RobotCommand::UnbindGroup { .. } => "unbind_group",
            RobotCommand::SyncGroupMembers { .. } => "sync_group_members",
        }
    }

    /// As an outbox message.
    ///
    /// # Errors
    /// When there is a secret in it, which is a mistake in the program.
    pub fn into_message(self) -> Result<Message> {
        Message::new(Destination::Robot, self.name(), self.lane(), &self)
    }

    /// As an outbox message that keeps its secrets.
    ///
    /// # Errors
    /// Never for these types.
    pub fn into_sealed_message(self, keys: &DataKeys) -> Result<Message> {
        Message::sealed(keys, Destination::Robot, self.name(), self.lane(), &self)
    }

    /// Commands about one group keep their order; so do messages to one person.
    fn lane(&self) -> String {
        match self {
            RobotCommand::SendGroupMessage { group_code, .. }
            | RobotCommand::RenameInGroup { group_code, .. }
            | RobotCommand::BindGroup { group_code, .. }
            | RobotCommand::UnbindGroup { group_code, .. }
            | RobotCommand::SyncGroupMembers { group_code } => format!("group:{group_code}"),
            RobotCommand::SendPrivateMessage { user_code, .. } => format!("user:{user_code}"),
        }
    }
}

/// Gives up what a robot was still to say, but for what is on its way. What the network is to bind or unbind stays: it
/// must hear of that. Tells how many messages that were.
///
/// # Errors
/// What PostgreSQL says.
pub async fn give_up_sends(
    conn: &impl ConnectionTrait,
    robot_code: &str,
    why: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sends = ["send_group_message", "send_private_message", "rename_in_group"];
    let of_robot = serde_json::json!({ "robot_code": robot_code });
    outbox::give_up(conn, Destination::Robot, &sends, of_robot, why, now).await
}
