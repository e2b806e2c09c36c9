//! What a network can do. What it cannot is refused before it is tried.

use crate::command::{MessageKind, RobotCommand};

/// What robots can do on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Groups are bound and unbound on demand, each confirmed by an event. Robots of a network without it hold no
    /// groups: a puller hears what they hear when a network refuses.
    pub bind: bool,
    /// A robot can have a name of its own in a group.
    pub rename: bool,
    /// Complete member lists can be asked for.
    pub member_lists: bool,
    /// People can be mentioned in a message to a group.
    pub mention: bool,
    /// Kinds of messages that can be sent.
    pub kinds: &'static [MessageKind],
    /// What a robot said comes back as an event, and proves that it was seen.
    pub echo: bool,
    /// A robot can speak in groups that are bound to another robot of ours.
    pub unbound_send: bool,
}

impl Abilities {
    /// Why a command is beyond the network, if it is.
    pub(crate) fn refusal(&self, command: &RobotCommand) -> Option<String> {
        let missing = match command {
            RobotCommand::BindGroup { .. } | RobotCommand::UnbindGroup { .. } if !self.bind => "bind groups",
            RobotCommand::RenameInGroup { .. } if !self.rename => "rename robots",
            RobotCommand::SyncGroupMembers { .. } if !self.member_lists => "list members",
            RobotCommand::SendGroupMessage { mention, .. } if !self.mention && !mention.is_empty() => {
                "mention people"
            }
            RobotCommand::SendGroupMessage { message, .. }
            | RobotCommand::SendPrivateMessage { message, .. }
                if !self.kinds.contains(&message.kind()) =>
            {
                return Some(format!("cannot send a {}", message.kind().name()));
            }
            _ => return None,
        };
        Some(format!("cannot {missing}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::OutgoingMessage;

    const NOTHING: Abilities = Abilities {
        bind: false,
        rename: false,
        member_lists: false,
        mention: false,
        kinds: &[MessageKind::Text],
        echo: false,
        unbound_send: false,
    };
    const ALL: Abilities = Abilities {
        bind: true,
        rename: true,
        member_lists: true,
        mention: true,
        kinds: &MessageKind::ALL,
        echo: true,
        unbound_send: true,
    };

    fn say(mention: &[&str], message: OutgoingMessage) -> RobotCommand {
        RobotCommand::SendGroupMessage {
            robot_code: "R".parse().unwrap(),
            group_code: "G".parse().unwrap(),
            mention: mention.iter().map(|code| code.parse().unwrap()).collect(),
            message,
        }
    }

    #[test]
    fn what_a_network_cannot_do_is_told_and_all_else_is_not() {
        let (robot_code, group_code) = ("R".parse().unwrap(), "G".parse().unwrap());
        let text = || OutgoingMessage::Text { text: "hi".into() };
        let picture = OutgoingMessage::Picture { url: "u".into() };
        let bind = RobotCommand::BindGroup {
            robot_code,
            group_code,
        };
        for (command, why) in [
            (bind, "cannot bind groups"),
            (say(&["U"], text()), "cannot mention people"),
            (say(&[], picture), "cannot send a picture"),
        ] {
            assert_eq!(NOTHING.refusal(&command).as_deref(), Some(why));
            assert_eq!(ALL.refusal(&command), None);
        }
        assert_eq!(NOTHING.refusal(&say(&[], text())), None);
    }
}
