use super::*;
use serde_json::json;

fn read(command: &str, body: Value) -> Result<RobotEvent> {
    let bytes = serde_json::to_vec(&json!({"command": command, "body": body})).unwrap();
    let (command, body) = envelope(&bytes)?;
    event(&command, &body)
}

#[test]
fn a_group_message_keeps_what_matters() {
    let body = json!({"group_id": 100, "user_id": "U-7", "all": 0, "at_users": ["R-3", 5], "message_no": "M-88",
        "is_robot": 1, "send_time": "2019-03-01 10:20:30", "type": "3", "content": null});
    let Ok(RobotEvent::GroupMessage(message)) = read("group_message", body) else {
        panic!("is a group message")
    };
    assert_eq!(
        (message.group_code.as_str(), message.said.kind, message.from_robot),
        ("100", 3, true)
    );
    let mentions: Vec<&str> = message.mentions.iter().map(UserCode::as_str).collect();
    assert_eq!(mentions, ["R-3", "5"]);
    assert_eq!(message.said.content, "");
    assert_eq!(message.sent_at.unwrap().to_rfc3339(), "2019-03-01T02:20:30+00:00");
}

#[test]
fn members_are_sorted_by_group() {
    let body = json!([{"group_id": "A", "user_id": "1", "is_admin": true}, {"group_id": "B", "user_id": "2"},
        {"group_id": "A", "user_id": "3", "is_admin": 0}]);
    let Ok(RobotEvent::GroupMembers(lists)) = read("group_members", body) else {
        panic!("are members")
    };
    assert_eq!(lists.len(), 2);
    assert_eq!(lists[0].members.len(), 2);
    assert!(lists[0].members[0].is_owner && !lists[0].members[1].is_owner);
    assert_eq!(
        read("group_members", json!([])).unwrap(),
        RobotEvent::GroupMembers(vec![])
    );
}

#[test]
fn an_unbinding_without_reason_is_the_systems() {
    for (given, reason) in [
        (json!(null), Some(CancelReason::Wanted)),
        (json!("3"), Some(CancelReason::Left)),
        (json!(6), Some(CancelReason::RobotBlocked)),
        (json!(9), None),
    ] {
        let event = read(
            "unbind_group_success",
            json!({"robot_id": "R", "group_id": "G", "reason": given}),
        );
        match reason {
            Some(reason) => {
                assert!(
                    matches!(event, Ok(RobotEvent::UnbindGroupSuccess(unbound)) if unbound.reason == reason)
                )
            }
            None => assert_eq!(event.unwrap_err().field.as_deref(), Some("reason")),
        }
    }
}

#[test]
fn every_required_field_is_named_when_missing() {
    let complete = json!({"group_id": "G", "robot_id": "R", "user_id": "U", "id": "G", "replace_robot_id": "R",
        "qrcode": "https://x.example/q.png"});
    for (command, required) in [
        ("group_message", &["group_id", "user_id"][..]),
        ("private_message", &["robot_id", "user_id"]),
        ("join_group", &["group_id", "user_id"]),
        ("drop_out_group", &["group_id", "user_id"]),
        ("robot_added", &["robot_id", "user_id"]),
        ("wait_for_bind", &["group_id", "robot_id", "user_id"]),
        ("bind_group_success", &["group_id", "robot_id", "user_id"]),
        ("unbind_group_success", &["group_id", "robot_id"]),
        ("robot_kicked", &["group_id", "robot_id"]),
        ("group_info", &["id"]),
        ("robot_join_failed", &["robot_id", "group_id", "user_id"]),
        ("abnormal_robot", &["robot_id"]),
        ("abnormal_robot_replaced", &["replace_robot_id", "qrcode"]),
    ] {
        assert!(read(command, complete.clone()).is_ok(), "{command}");
        for field in required {
            let mut body = complete.clone();
            body.as_object_mut().unwrap().remove(*field);
            let error = read(command, body).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(*field), "{command}");
        }
    }
}

#[test]
fn an_unknown_command_is_no_error() {
    assert_eq!(
        read("dance", json!({})).unwrap(),
        RobotEvent::Unknown("dance".into())
    );
}

#[test]
fn every_field_the_gateway_may_send_is_kept() {
    let said = json!({"group_id": "G", "robot_id": "R", "user_id": "U", "type": 6, "content": "c", "title": "t", "desc": "d",
        "url": "https://x.example/l", "voice_time": 7, "send_time": "2019-03-01T10:20:30"});
    let content = Content {
        kind: 6,
        content: "c".into(),
        title: "t".into(),
        desc: "d".into(),
        url: "https://x.example/l".into(),
        voice_time: "7".into(),
    };
    let Ok(RobotEvent::GroupMessage(message)) = read("group_message", said.clone()) else {
        panic!("is a group message")
    };
    assert_eq!(message.said, content);
    let Ok(RobotEvent::PrivateMessage(message)) = read("private_message", said) else {
        panic!("is a private message")
    };
    assert_eq!(message.said, content);

    let join = json!({"group_id": "G", "user_id": "U", "invite_user_id": "U-2", "nickname": "n", "avatar": "a",
        "user_wxid": "w", "join_type": "0", "join_time": "2019-03-01T10:20:30"});
    let Ok(RobotEvent::JoinGroup(joined)) = read("join_group", join) else {
        panic!("somebody joined")
    };
    let texts = [&joined.nickname, &joined.avatar, &joined.user_wxid];
    assert_eq!(texts, ["n", "a", "w"]);
    assert_eq!(joined.inviter.unwrap().as_str(), "U-2");
    assert_eq!((joined.join_type, joined.joined_at.is_some()), (Some(0), true));

    let added = json!({"robot_id": "R", "user_id": "U", "avatar": "a", "add_time": "2019-03-01T10:20:30"});
    let Ok(RobotEvent::RobotAdded(added)) = read("robot_added", added) else {
        panic!("was befriended")
    };
    assert_eq!((added.avatar.as_str(), added.added_at.is_some()), ("a", true));

    let kicked =
        json!({"robot_id": "R", "group_id": "G", "user_id": "U", "kick_time": "2019-03-01T10:20:30"});
    let Ok(RobotEvent::RobotKicked(kicked)) = read("robot_kicked", kicked) else {
        panic!("was kicked")
    };
    assert_eq!(
        (kicked.user_code.unwrap().as_str(), kicked.kicked_at.is_some()),
        ("U", true)
    );

    let failed = json!({"robot_id": "R", "group_id": "G", "user_id": "U", "name": "n", "user_wxid": "w", "avatar": "a",
        "reason": "limit"});
    let Ok(RobotEvent::RobotJoinFailed(failed)) = read("robot_join_failed", failed) else {
        panic!("could not join")
    };
    let texts = [&failed.name, &failed.user_wxid, &failed.avatar, &failed.reason];
    assert_eq!(texts, ["n", "w", "a", "limit"]);
}

#[test]
fn what_stands_where_a_code_should_be_is_named_by_its_field() {
    let long = "x".repeat(256);
    for wrong in ["gateway:G-1", long.as_str()] {
        for (command, field) in [
            ("group_message", "group_id"),
            ("join_group", "invite_user_id"),
            ("group_info", "admin_user_id"),
            ("robot_kicked", "user_id"),
            ("abnormal_robot_replaced", "replace_robot_id"),
        ] {
            let mut body = json!({"group_id": "G", "robot_id": "R", "user_id": "U", "id": "G", "replace_robot_id": "R",
                "qrcode": "https://x.example/q.png"});
            body[field] = json!(wrong);
            let error = read(command, body).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{command}");
        }
    }
    // Whoever else is mentioned is nobody we could know.
    let body = json!({"group_id": "G", "user_id": "U", "at_users": ["gateway:U", long, "U-2"]});
    let Ok(RobotEvent::GroupMessage(message)) = read("group_message", body) else {
        panic!("is a group message")
    };
    assert_eq!(message.mentions, ["U-2".parse().unwrap()]);
}
