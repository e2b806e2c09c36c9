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

/// Longer than any row of an index takes, and not to be compressed.
fn random_text(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        text += &hex::encode(crypto::sha256(text.len().to_string().as_bytes()));
    }
    text.truncate(length);
    text
}

#[test]
fn a_code_that_is_too_long_is_told_of_every_command_and_becomes_no_key() {
    for command in ["from_the_future", "robot_added", "group_message", "group_info"] {
        for field in ["group_id", "robot_id", "user_id", "id", "command"] {
            let mut body = json!({"group_id": "G", "robot_id": "R", "user_id": "U", "id": "G"});
            let name = if field == "command" {
                random_text(9000)
            } else {
                command.to_owned()
            };
            body[field] = random_text(9000).into();
            let arrival = filed(&name, body, 0);
            assert!(arrival.misfit().is_none(), "{command} {field}");
            assert!(
                arrival.lane.len() < 600 && arrival.command.len() <= 255,
                "{command} {field}"
            );
            // Only `group_info` calls its group `id`, and it alone has no `group_id`.
            let nobody_reads = if command == "group_info" { "group_id" } else { "id" };
            assert_eq!(
                arrival.malformed.is_none(),
                field == nobody_reads,
                "{command} {field}"
            );
        }
    }
}

#[test]
fn a_code_with_a_nul_is_not_the_code_without_it() {
    let arrival = filed("robot_added", json!({"robot_id": "R", "user_id": "U\0"}), 0);
    assert!(arrival.malformed.unwrap().contains("user_id"));
}

#[test]
fn a_message_id_that_is_no_code_is_not_used() {
    let at = DateTime::from_timestamp(0, 0).unwrap();
    for id in ["", "m\0", &random_text(9000)] {
        let key = file(Some(id), br#"{"command":"x","body":{}}"#, at).message_key;
        assert!(key.starts_with("gateway:x:"), "{key}");
    }
}

/// Texts of every kind that makes trouble.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-zA-Z0-9-]{0,12}",
        2 => ".{0,300}",
        1 => Just("a\0b".to_owned()),
        1 => (200usize..9000).prop_map(random_text),
        1 => Just("群".repeat(255)),
        1 => prop::sample::select(vec!["292277026596", "2062-01-01 00:00:00", "+262142-12-31T23:59:59Z", "-1", "1e400"])
            .prop_map(str::to_owned),
    ]
}

/// JSON of any shape, with the names our commands know and others.
fn json_value() -> impl Strategy<Value = Value> {
    let names = vec![
        "group_id",
        "robot_id",
        "replace_robot_id",
        "user_id",
        "id",
        "name",
        "nickname",
        "avatar",
        "qrcode",
        "content",
        "message_no",
        "send_time",
        "join_time",
        "drop_time",
        "type",
        "mem_count",
        "robots",
        "at_users",
        "reason",
        "admin_user_id",
        "is_admin",
        "k\0",
        "body",
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(serde_json::from_str("1e999999").unwrap()),
        6 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 48, 12, move |inner| {
        let names = prop::sample::select(names.clone()).prop_map(str::to_owned);
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            4 => prop::collection::hash_map(names, inner, 0..12)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn command() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "group_message",
        "private_message",
        "group_members",
        "join_group",
        "drop_out_group",
        "robot_added",
        "wait_for_bind",
        "bind_group_success",
        "unbind_group_success",
        "robot_kicked",
        "group_info",
        "robot_join_failed",
        "abnormal_robot",
        "abnormal_robot_replaced",
    ]);
    prop_oneof![6 => known.prop_map(str::to_owned), 1 => text()]
}

proptest! {
    #[test]
    fn whatever_comes_can_be_filed(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let arrival = file(None, &bytes, DateTime::from_timestamp(0, 0).unwrap());
        prop_assert!(arrival.malformed.is_some());
        prop_assert!(arrival.message_key.len() < 200 && arrival.misfit().is_none());
    }

    #[test]
    fn whatever_a_message_says_its_row_fits_the_table(command in command(), body in json_value(), id in text()) {
        let bytes = serde_json::to_vec(&json!({"command": command, "body": body})).unwrap();
        for id in [None, Some(id.as_str())] {
            let arrival = file(id, &bytes, DateTime::from_timestamp(1_700_000_010, 0).unwrap());
            prop_assert!(arrival.misfit().is_none(), "{arrival:?}");
            for column in [&arrival.command, &arrival.lane, &arrival.message_key] {
                prop_assert!(!column.contains('\0') && column.len() <= 2400, "{column}");
            }
        }
    }

    #[test]
    fn whatever_a_message_says_what_is_read_of_it_can_be_stored(command in command(), body in json_value()) {
        let bytes = serde_json::to_vec(&json!({"command": command, "body": body})).unwrap();
        let Ok((command, body)) = read::envelope(&bytes) else { return Ok(()) };
        let Ok(event) = read::event(&command, &body) else { return Ok(()) };
        prop_assert!(!format!("{event:?}").contains("\\0"), "{event:?}");
    }
}
