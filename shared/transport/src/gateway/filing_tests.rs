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
fn a_code_that_reads_like_another_networks_is_a_dead_letter() {
    let group = |group: &str| json!({"group_id": group, "robot_id": "R", "user_id": "U"});
    for command in ["wait_for_bind", "dance"] {
        let arrival = filed(command, group("gateway:7001"), 0);
        assert!(arrival.malformed.unwrap().contains("group_id"), "{command}");
        assert_eq!(arrival.lane, format!("malformed:{command}"));
        assert_eq!(
            filed(command, group("nobody:7001"), 0).malformed,
            None,
            "{command}"
        );
    }
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
            prop_assert!(!column.contains('\0') && column.len() < 2400, "{column}");
        }
    }
}
