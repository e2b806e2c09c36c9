//! Messages to groups and people.

use serde::Deserialize;
use serde_json::Value;

use crate::call::{Call, Reply};
use crate::gateway::SentMessage;
use crate::gateway::calls::{admitted, done, refuse};

#[derive(Deserialize)]
struct Send {
    robot_id: String,
    #[serde(default)]
    group_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    users: Vec<String>,
    messages: Vec<Value>,
}

pub(super) async fn send_group_message(call: Call) -> Reply {
    match admitted::<Send>(&call) {
        Ok(send) if send.group_id.is_none() => refuse(400, "group_id is missing"),
        Ok(send) => book(&call, send),
        Err(refused) => refused,
    }
}

pub(super) async fn send_private_message(call: Call) -> Reply {
    match admitted::<Send>(&call) {
        Ok(send) if send.user_id.is_none() => refuse(400, "user_id is missing"),
        Ok(send) => book(&call, send),
        Err(refused) => refused,
    }
}

fn book(call: &Call, send: Send) -> Reply {
    if send.messages.is_empty() {
        return refuse(400, "messages is empty");
    }
    let at = crate::clock::now().to_rfc3339();
    let mut books = call.partners.gateway.books();
    for message in send.messages {
        books.send(SentMessage {
            robot_id: send.robot_id.clone(),
            group_id: send.group_id.clone(),
            user_id: send.user_id.clone(),
            users: send.users.clone(),
            message,
            asked: 1,
            at: at.clone(),
        });
    }
    done()
}
