//! How a message is filed before it is handled: the key a second copy would have, and the lane it keeps its place in.
//!
//! Where the gateway sets no AMQP message id, what a command says tells whether two messages are the same. Commands
//! that may genuinely repeat word for word are the same within a window of arrival only. Snapshots are never the same:
//! the newest one wins.

use super::fields::Fields;
use super::read;
use crate::{GroupCode, RobotCode, UserCode};
use chrono::{DateTime, Utc};
use kernel::crypto;
use kernel::error::Result;
use kernel::external::is_code;
use kernel::id::new_uuid;
use kernel::inbox::{Arrival, key_of_bytes};
use serde_json::Value;

/// What keys begin with.
const NAME: &str = "gateway";
/// Seconds within which equal messages are one, where nothing else tells them apart.
const WINDOW: i64 = 30;
/// The same for people joining and leaving.
const MEMBER_WINDOW: i64 = 60;

/// Files a message that arrived at `at`.
pub(super) fn file(message_id: Option<&str>, bytes: &[u8], at: DateTime<Utc>) -> Arrival {
    let arrival = |command: String, key: String, lane: String, malformed: Option<String>| Arrival {
        message_key: message_id
            .filter(|id| is_code(id))
            .map_or(key, |id| format!("{NAME}:id:{id}")),
        command,
        lane,
        body: bytes.to_vec(),
        full_size: None,
        malformed,
    };
    let of_bytes = || key_of_bytes(NAME, bytes);
    let (command, body) = match read::envelope(bytes) {
        Ok(envelope) => envelope,
        Err(error) => {
            return arrival(
                "malformed".to_owned(),
                of_bytes(),
                "malformed".to_owned(),
                Some(error.message.into_owned()),
            );
        }
    };
    match read::event(&command, &body).and_then(|_| lane(&command, &body)) {
        Ok(lane) => arrival(command.clone(), key(&command, &body, bytes, at), lane, None),
        Err(error) => arrival(
            command.clone(),
            of_bytes(),
            format!("malformed:{command}"),
            Some(error.message.into_owned()),
        ),
    }
}

/// Everything about one group shares a lane; the rest goes by robot and person.
///
/// # Errors
/// 1403 naming the code that is none, also of a command we do not know.
fn lane(command: &str, body: &Value) -> Result<String> {
    let fields = Fields(body.get(0).unwrap_or(body));
    let group = match command {
        "group_info" => fields.optional_code("id", GroupCode::on)?,
        _ => fields.optional_code("group_id", GroupCode::on)?,
    };
    let robot = match fields.optional_code("robot_id", RobotCode::on)? {
        None => fields.optional_code("replace_robot_id", RobotCode::on)?,
        robot => robot,
    };
    let user = fields.optional_code("user_id", UserCode::on)?;
    Ok(match (group, robot, user) {
        (Some(group), _, _) => format!("group:{group}"),
        (None, Some(robot), Some(user)) => format!("robot:{robot}:{user}"),
        (None, Some(robot), None) => format!("robot:{robot}"),
        (None, None, _) => format!("other:{command}"),
    })
}

fn key(command: &str, body: &Value, bytes: &[u8], at: DateTime<Utc>) -> String {
    let fields = Fields(body);
    let text = |name: &str| fields.text_or_empty(name);
    let window = |seconds: i64| format!("window {}", at.timestamp().div_euclid(seconds));
    let time_or_window = |name: &str, seconds: i64| {
        fields
            .text(name)
            .filter(|time| !time.is_empty())
            .unwrap_or_else(|| window(seconds))
    };
    let parts = match command {
        "group_message" if !text("message_no").is_empty() => vec![text("group_id"), text("message_no")],
        "group_message" => vec![
            text("group_id"),
            text("user_id"),
            time_or_window("send_time", WINDOW),
            text("type"),
            text("content"),
        ],
        "private_message" => vec![
            text("robot_id"),
            text("user_id"),
            time_or_window("send_time", WINDOW),
            text("type"),
            text("content"),
        ],
        "join_group" => vec![
            text("group_id"),
            text("user_id"),
            time_or_window("join_time", MEMBER_WINDOW),
        ],
        "drop_out_group" => vec![
            text("group_id"),
            text("user_id"),
            time_or_window("drop_time", MEMBER_WINDOW),
        ],
        "robot_added" => vec![
            text("robot_id"),
            text("user_id"),
            time_or_window("add_time", WINDOW),
        ],
        "abnormal_robot_replaced" => vec![text("replace_robot_id"), text("qrcode")],
        "group_members" | "group_info" => vec![new_uuid().to_string()],
        _ => vec![hex::encode(crypto::sha256(bytes)), window(WINDOW)],
    };
    // Hashed, because texts of any length must fit an index. JSON keeps the parts apart.
    let parts = Value::from(parts).to_string();
    format!(
        "{NAME}:{command}:{}",
        hex::encode(crypto::sha256(parts.as_bytes()))
    )
}

#[cfg(test)]
#[path = "filing_tests.rs"]
mod tests;
