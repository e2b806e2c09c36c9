//! Our commands as the gateway's requests.

use crate::{OutgoingMessage, RobotCommand, UserCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a command asks of the gateway.
pub(super) struct Request {
    pub path: &'static str,
    pub body: Value,
    /// Whether the answer's `code` decides; otherwise only that there was an answer.
    pub code_decides: bool,
}

/// Whether a second time changes nothing: all but saying something.
pub(super) fn repeatable(command: &RobotCommand) -> bool {
    !matches!(
        command,
        RobotCommand::SendGroupMessage { .. } | RobotCommand::SendPrivateMessage { .. }
    )
}

/// The request of a command. `id` goes along with sends, to tell a second copy by.
pub(super) fn request(id: Uuid, command: &RobotCommand) -> Request {
    match command {
        RobotCommand::SendGroupMessage {
            robot_code,
            group_code,
            mention,
            message,
        } => Request {
            path: "/gbot/send_group_message",
            body: json!({"robot_id": robot_code.bare(), "group_id": group_code.bare(), "users": bare(mention), "all": false,
                "messages": [item(id, message)]}),
            code_decides: true,
        },
        RobotCommand::SendPrivateMessage {
            robot_code,
            user_code,
            message,
        } => Request {
            path: "/gbot/send_private_message",
            body: json!({"robot_id": robot_code.bare(), "user_id": user_code.bare(), "messages": [item(id, message)]}),
            code_decides: true,
        },
        RobotCommand::RenameInGroup {
            robot_code,
            group_code,
            nickname,
        } => Request {
            path: "/gbot/modify_group_robot_nickname",
            body: json!({"group_id": group_code.bare(), "robot_id": robot_code.bare(), "nickname": nickname}),
            code_decides: true,
        },
        RobotCommand::BindGroup {
            robot_code,
            group_code,
        } => Request {
            path: "/gbot/bind_group",
            body: json!({"group_id": group_code.bare(), "robot_id": robot_code.bare()}),
            code_decides: true,
        },
        RobotCommand::UnbindGroup {
            robot_code,
            group_code,
            reason,
        } => Request {
            path: "/gbot/unbind_group",
            body: json!({"robot_id": robot_code.bare(), "group_id": group_code.bare(), "reason": reason.to_string()}),
            code_decides: false,
        },
        RobotCommand::SyncGroupMembers { group_code, .. } => Request {
            path: "/gbot/sync_group_members",
            body: json!({"group_id": group_code.bare()}),
            code_decides: false,
        },
    }
}

fn bare(codes: &[UserCode]) -> Vec<&str> {
    codes.iter().map(UserCode::bare).collect()
}

fn item(id: Uuid, message: &OutgoingMessage) -> Value {
    let (kind, content, title, url, desc) = match message {
        OutgoingMessage::Text { text } => (3, text.as_str(), "", "", ""),
        OutgoingMessage::SecretText { text } => (3, text.expose(), "", "", ""),
        OutgoingMessage::Picture { url } => (8, url.as_str(), "", "", ""),
        OutgoingMessage::Link {
            title,
            description,
            thumbnail,
            url,
        } => (
            6,
            thumbnail.as_str(),
            title.as_str(),
            url.as_str(),
            description.as_str(),
        ),
        OutgoingMessage::MiniProgram { title, xml, cover } => {
            (11, xml.as_str(), title.as_str(), cover.as_str(), "")
        }
        OutgoingMessage::Card { id } => (12, id.as_str(), "", "", ""),
    };
    json!({"type": kind, "content": content, "title": title, "url": url, "desc": desc, "voice_time": "0",
        "message_no": id.to_string()})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelReason;

    #[test]
    fn a_group_message_looks_as_the_gateway_wants_it() {
        let command = RobotCommand::SendGroupMessage {
            robot_code: "R-3".parse().unwrap(),
            group_code: "G-100".parse().unwrap(),
            mention: vec!["U-9".parse().unwrap()],
            message: OutgoingMessage::Text { text: "hello".into() },
        };
        let request = request(Uuid::nil(), &command);
        assert_eq!(
            request.body,
            json!({"robot_id": "R-3", "group_id": "G-100", "users": ["U-9"], "all": false, "messages": [
                {"type": 3, "content": "hello", "title": "", "url": "", "desc": "", "voice_time": "0",
                 "message_no": "00000000-0000-0000-0000-000000000000"}]})
        );
        assert!(!repeatable(&command));
    }

    #[test]
    fn the_unbind_reason_is_text() {
        let command = RobotCommand::UnbindGroup {
            robot_code: "R".parse().unwrap(),
            group_code: "G".parse().unwrap(),
            reason: CancelReason::Left,
        };
        assert_eq!(request(Uuid::nil(), &command).body["reason"], "3");
    }
}
