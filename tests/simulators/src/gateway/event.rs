//! Robot events: `{command, body}` on one of three queues.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The gateway's topic exchange.
pub const EXCHANGE: &str = "gbot.topic";
/// Queue and routing key of `group_message`.
pub const MESSAGES: &str = "queue.bot.msg.pet";
/// Queue and routing key of `group_members`.
pub const MEMBERS: &str = "queue.bot.member.pet";
/// Queue and routing key of every other command.
pub const COMMON: &str = "queue.bot.common.pet";

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Such as `wait_for_bind`.
    pub command: String,
    /// Object, or array for `group_members`.
    pub body: Value,
    /// AMQP message id; a fresh one when missing.
    #[serde(default = "fresh_id")]
    pub message_id: String,
    /// Queue to use instead of the command's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
}

fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

impl Event {
    /// An event with a fresh message id on its usual queue.
    pub fn new(command: &str, body: Value) -> Self {
        Self {
            command: command.into(),
            body,
            message_id: fresh_id(),
            queue: None,
        }
    }

    /// The routing key it goes out with.
    pub fn routing_key(&self) -> &str {
        match (&self.queue, self.command.as_str()) {
            (Some(queue), _) => queue,
            (None, "group_message") => MESSAGES,
            (None, "group_members") => MEMBERS,
            (None, _) => COMMON,
        }
    }

    /// The message as the gateway writes it.
    pub fn payload(&self) -> Vec<u8> {
        json!({"command": self.command, "body": self.body})
            .to_string()
            .into_bytes()
    }

    /// A string field of the body, empty when missing.
    pub fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The group the event is about, if it is about one.
    pub fn group(&self) -> Option<&str> {
        let body = match self.command.as_str() {
            "group_members" => self.body.get(0)?,
            _ => &self.body,
        };
        let field = if self.command == "group_info" {
            "id"
        } else {
            "group_id"
        };
        body.get(field).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_queue_and_group() {
        let members = Event::new("group_members", json!([{"group_id": "G-1", "user_id": "U-1"}]));
        assert_eq!((members.routing_key(), members.group()), (MEMBERS, Some("G-1")));
        let message = Event::new("group_message", json!({"group_id": "G-2"}));
        assert_eq!((message.routing_key(), message.group()), (MESSAGES, Some("G-2")));
        let info = Event::new("group_info", json!({"id": "G-3"}));
        assert_eq!((info.routing_key(), info.group()), (COMMON, Some("G-3")));
        let stray = Event {
            queue: Some(MESSAGES.into()),
            ..Event::new("robot_added", json!({}))
        };
        assert_eq!((stray.routing_key(), stray.group()), (MESSAGES, None));
    }
}
