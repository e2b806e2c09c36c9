//! What the gateway can tell about people, robots and groups.

use serde_json::json;

use crate::call::{Call, Reply};
use crate::gateway::calls::{admit, content, refuse};

pub(super) async fn users(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    let wanted = call.query_value("user_ids");
    let books = call.partners.gateway.books();
    let people = wanted
        .split('|')
        .filter(|id| !id.is_empty())
        .map(|id| match books.people.get(id) {
            Some(person) => json!({"id": id, "avatar": person.avatar, "nickname": person.nickname}),
            None => json!({"id": id, "avatar": "", "nickname": format!("person {id}")}),
        });
    content(people.collect())
}

pub(super) async fn robot_groups(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    let robot = call.param();
    let books = call.partners.gateway.books();
    if !books.robots.contains_key(robot) {
        return refuse(404, "unknown robot");
    }
    let groups = (books.groups.values())
        .filter(|group| group.bound && group.robot_in_group && group.robot_id == robot)
        .map(|group| json!({"group_id": group.group_id, "name": group.name}));
    content(groups.collect())
}

pub(super) async fn robot(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    match call.partners.gateway.books().robots.get(call.param()) {
        Some(robot) => content(json!({
            "nickname": robot.nickname, "wxid": robot.wxid, "avatar": robot.avatar, "qrcode": robot.qrcode,
        })),
        None => refuse(404, "unknown robot"),
    }
}

pub(super) async fn group(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    match call.partners.gateway.books().groups.get(call.param()) {
        Some(group) => content(group.info_body()),
        None => refuse(404, "unknown group"),
    }
}
