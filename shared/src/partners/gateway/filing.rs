//! How a message is filed before it is handled: the key a second copy would have, and the lane it keeps its place in.
//!
//! Where the gateway sets no AMQP message id, contracts.md section 1 tells what makes two messages the same. Commands
//! that may genuinely repeat word for word are the same within a window of arrival only. Snapshots are never the same:
//! the newest one wins.

use super::fields::Fields;
use super::read;
use crate::kernel::crypto;
use crate::kernel::id::new_uuid;
use crate::kernel::inbox::Arrival;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The transport's name in the inbox and in keys.
pub(super) const NAME: &str = "gateway";
/// Seconds within which equal messages are one, where nothing else tells them apart.
const WINDOW: i64 = 30;
/// The same for people joining and leaving.
const MEMBER_WINDOW: i64 = 60;

/// Files a message that arrived at `at`.
pub(super) fn file(message_id: Option<&str>, bytes: &[u8], at: DateTime<Utc>) -> Arrival {
    let arrival = |command: String, key: String, lane: String, malformed: Option<String>| Arrival {
        transport: NAME,
        message_key: message_id
            .filter(|id| !id.is_empty() && !id.contains('\0'))
            .map_or(key, |id| format!("{NAME}:id:{id}")),
        command,
        lane,
        body: bytes.to_vec(),
        malformed,
    };
    let of_bytes = || format!("{NAME}:bytes:{}", hex::encode(crypto::sha256(bytes)));
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
    let lane = lane(&command, &body);
    match read::event(&command, &body) {
        Ok(_) => arrival(command.clone(), key(&command, &body, bytes, at), lane, None),
        Err(error) => arrival(
            command.clone(),
            of_bytes(),
            format!("malformed:{command}"),
            Some(error.message.into_owned()),
        ),
    }
}

/// Everything about one group shares a lane; the rest goes by robot and person.
fn lane(command: &str, body: &Value) -> String {
    let fields = Fields(body.get(0).unwrap_or(body));
    let group = match command {
        "group_info" => fields.text("id"),
        _ => fields.text("group_id"),
    };
    let robot = fields
        .text("robot_id")
        .or_else(|| fields.text("replace_robot_id"));
    match (group, robot, fields.text("user_id")) {
        (Some(group), _, _) => format!("group:{group}"),
        (None, Some(robot), Some(user)) => format!("robot:{robot}:{user}"),
        (None, Some(robot), None) => format!("robot:{robot}"),
        (None, None, _) => format!("other:{command}"),
    }
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn filed(command: &str, body: Value, second: i64) -> Arrival {
        let bytes = serde_json::to_vec(&json!({"command": command, "body": body})).unwrap();
        file(
            None,
            &bytes,
            DateTime::from_timestamp(1_700_000_010 + second, 0).unwrap(),
        )
    }

    #[test]
    fn the_message_id_is_the_key_when_there_is_one() {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        let key = |id| file(Some(id), br#"{"command":"x","body":{}}"#, at).message_key;
        assert_eq!(key("m-1"), "gateway:id:m-1");
        assert_ne!(key(""), "gateway:id:");
    }

    #[test]
    fn a_genuine_repeat_gets_through_once_the_window_is_over() {
        let body = json!({"group_id": "G", "robot_id": "R", "user_id": "U"});
        for command in ["wait_for_bind", "bind_group_success", "robot_join_failed"] {
            let key = |second| filed(command, body.clone(), second).message_key;
            assert_eq!(key(0), key(1), "{command}");
            assert_ne!(key(0), key(31), "{command}");
        }
    }

    #[test]
    fn times_in_the_message_outlast_the_window() {
        let join = |time: &str, second| {
            filed(
                "join_group",
                json!({"group_id": "G", "user_id": "U", "join_time": time}),
                second,
            )
            .message_key
        };
        assert_eq!(
            join("2019-03-01T10:20:30", 0),
            join("2019-03-01T10:20:30", 90_000)
        );
        assert_ne!(join("2019-03-01T10:20:30", 0), join("2019-03-01T10:20:31", 0));
    }

    #[test]
    fn a_numbered_group_message_is_known_by_its_number() {
        let said = |no: &str, content: &str| {
            filed(
                "group_message",
                json!({"group_id": "G", "user_id": "U", "message_no": no, "content": content}),
                0,
            )
            .message_key
        };
        assert_eq!(said("1", "a"), said("1", "b"));
        assert_ne!(said("", "a"), said("", "b"));
    }

    #[test]
    fn snapshots_are_never_the_same() {
        let body = json!([{"group_id": "G", "user_id": "U"}]);
        assert_ne!(
            filed("group_members", body.clone(), 0).message_key,
            filed("group_members", body, 0).message_key
        );
    }

    #[test]
    fn events_of_one_group_share_its_lane() {
        let body = json!({"group_id": "G", "robot_id": "R", "user_id": "U", "id": "G"});
        for command in [
            "wait_for_bind",
            "bind_group_success",
            "unbind_group_success",
            "robot_kicked",
            "group_info",
        ] {
            assert_eq!(filed(command, body.clone(), 0).lane, "group:G", "{command}");
        }
        let members = json!([{"group_id": "G", "user_id": "U"}]);
        assert_eq!(filed("group_members", members, 0).lane, "group:G");
        let friend = json!({"robot_id": "R", "user_id": "U"});
        assert_eq!(filed("robot_added", friend.clone(), 0).lane, "robot:R:U");
        assert_eq!(filed("private_message", friend, 0).lane, "robot:R:U");
    }

    #[test]
    fn a_missing_field_is_told_and_keeps_the_command() {
        let arrival = filed("robot_added", json!({"robot_id": "R"}), 0);
        assert_eq!(arrival.command, "robot_added");
        assert!(arrival.malformed.unwrap().contains("user_id"));
    }

    proptest! {
        #[test]
        fn whatever_comes_can_be_filed(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let arrival = file(None, &bytes, DateTime::from_timestamp(0, 0).unwrap());
            prop_assert!(arrival.malformed.is_some());
            prop_assert!(arrival.message_key.len() < 200);
        }

        #[test]
        fn whatever_a_body_holds_its_row_fits_the_table(texts in proptest::collection::vec(".{0,300}", 5)) {
            let body = json!({"group_id": texts[0], "robot_id": texts[1], "user_id": texts[2], "send_time": texts[3]});
            let arrival = filed(&texts[4], body, 0);
            for column in [&arrival.command, &arrival.lane, &arrival.message_key] {
                prop_assert!(!column.contains('\0') && column.len() < 1000, "{column}");
            }
        }
    }
}
