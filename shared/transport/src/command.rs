//! What we ask of a chat network. Commands are rows of the outbox; the relay carries them out.

use crate::cancel_reason::CancelReason;
use crate::code::{GroupCode, RobotCode, UserCode};
use crate::network::Network;
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
    /// Say something in a group, and mention these people.
    SendGroupMessage {
        robot_code: RobotCode,
        group_code: GroupCode,
        mention: Vec<UserCode>,
        message: OutgoingMessage,
    },
    /// Say something to a person.
    SendPrivateMessage {
        robot_code: RobotCode,
        user_code: UserCode,
        message: OutgoingMessage,
    },
    /// Give the robot this name in a group.
    RenameInGroup {
        robot_code: RobotCode,
        group_code: GroupCode,
        nickname: String,
    },
    /// Make the group the robot's; `bind_group_success` confirms it.
    BindGroup {
        robot_code: RobotCode,
        group_code: GroupCode,
    },
    /// Leave the group, for this reason; `unbind_group_success` confirms it.
    UnbindGroup {
        robot_code: RobotCode,
        group_code: GroupCode,
        reason: CancelReason,
    },
    /// Tell who is in a group; answered by `group_members`.
    SyncGroupMembers {
        /// The robot that is in the group; none in rows written before there were networks that need to know.
        #[serde(default)]
        robot_code: Option<RobotCode>,
        group_code: GroupCode,
    },
}

/// One message to send.
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

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MessageKind {
    Text,
    Picture,
    Link,
    MiniProgram,
    Card,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [MessageKind; 5] = [
        MessageKind::Text,
        MessageKind::Picture,
        MessageKind::Link,
        MessageKind::MiniProgram,
        MessageKind::Card,
    ];

    /// In words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            MessageKind::Text => "text",
            MessageKind::Picture => "picture",
            MessageKind::Link => "link",
            MessageKind::MiniProgram => "mini-program",
            MessageKind::Card => "card",
        }
    }
}

impl OutgoingMessage {
    /// Its kind.
    pub fn kind(&self) -> MessageKind {
        match self {
            OutgoingMessage::Text { .. } | OutgoingMessage::SecretText { .. } => MessageKind::Text,
            OutgoingMessage::Picture { .. } => MessageKind::Picture,
            OutgoingMessage::Link { .. } => MessageKind::Link,
            OutgoingMessage::MiniProgram { .. } => MessageKind::MiniProgram,
            OutgoingMessage::Card { .. } => MessageKind::Card,
        }
    }
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandOutcome {
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

    /// The network all its codes are of; none when they are not of one, and nobody can carry it out.
    pub fn network(&self) -> Option<Network> {
        let (first, others) = match self {
            RobotCommand::SendGroupMessage {
                robot_code,
                group_code,
                mention,
                ..
            } => {
                let others = mention.iter().map(UserCode::network);
                (
                    robot_code.network(),
                    others.chain([group_code.network()]).collect(),
                )
            }
            RobotCommand::SendPrivateMessage {
                robot_code,
                user_code,
                ..
            } => (robot_code.network(), vec![user_code.network()]),
            RobotCommand::RenameInGroup {
                robot_code,
                group_code,
                ..
            }
            | RobotCommand::BindGroup {
                robot_code,
                group_code,
            }
            | RobotCommand::UnbindGroup {
                robot_code,
                group_code,
                ..
            } => (robot_code.network(), vec![group_code.network()]),
            RobotCommand::SyncGroupMembers {
                robot_code,
                group_code,
            } => {
                let others = robot_code.iter().map(RobotCode::network);
                (group_code.network(), others.collect())
            }
        };
        others.iter().all(|other| *other == first).then_some(first)
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
            | RobotCommand::SyncGroupMembers { group_code, .. } => format!("group:{group_code}"),
            RobotCommand::SendPrivateMessage { user_code, .. } => format!("user:{user_code}"),
        }
    }
}

/// Gives up what a robot was still to say, except what is on its way. What the network is to bind or unbind stays: it
/// must hear of that. Tells how many messages that were.
pub async fn give_up_sends(
    conn: &impl ConnectionTrait,
    robot_code: &RobotCode,
    why: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sends = ["send_group_message", "send_private_message", "rename_in_group"];
    let of_robot = serde_json::json!({ "robot_code": robot_code });
    outbox::give_up(conn, Destination::Robot, &sends, of_robot, why, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_the_version_before_is_still_read() {
        let row = serde_json::json!({"command": "sync_group_members", "group_code": "G-1"});
        let command: RobotCommand = serde_json::from_value(row).unwrap();
        assert_eq!(command.network(), Some(Network::gateway()));
    }

    #[test]
    fn codes_of_two_networks_make_a_command_nobodys() {
        let other: Network = "commandsa".parse().unwrap();
        other.register();
        let command = |user_code: &str| RobotCommand::SendPrivateMessage {
            robot_code: RobotCode::on(&other, "R").unwrap(),
            user_code: user_code.parse().unwrap(),
            message: OutgoingMessage::Text { text: "hi".into() },
        };
        assert_eq!(command("commandsa:U").network(), Some(other.clone()));
        assert_eq!(command("U").network(), None);
    }
}
