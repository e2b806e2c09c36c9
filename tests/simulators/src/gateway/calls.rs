//! The gateway's HTTP calls (contracts.md section 2).

use std::sync::Arc;
use std::time::Duration;

use poem::{Route, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, watched};
use crate::gateway::{Event, SentMessage, Waiting};
use crate::partners::Partners;
use crate::script::Partner::Gateway;

/// How often and how long `bind_group` looks for a `wait_for_bind` that is still on its way to the books.
const LOOKS: (u32, Duration) = (20, Duration::from_millis(50));

/// Everything below `/gateway`.
pub fn routes(partners: &Arc<Partners>) -> Route {
    let p = partners;
    Route::new()
        .at(
            "/gbot/send_group_message",
            post(watched(p, Gateway, "send_group_message", send_group_message)),
        )
        .at(
            "/gbot/send_private_message",
            post(watched(p, Gateway, "send_private_message", send_private_message)),
        )
        .at("/gbot/users", get(watched(p, Gateway, "users", users)))
        .at(
            "/gbot/modify_group_robot_nickname",
            post(watched(p, Gateway, "modify_nickname", modify_nickname)),
        )
        .at(
            "/gbot/bind_group",
            post(watched(p, Gateway, "bind_group", bind_group)),
        )
        .at(
            "/gbot/unbind_group",
            post(watched(p, Gateway, "unbind_group", unbind_group)),
        )
        .at(
            "/gbot/sync_group_members",
            post(watched(p, Gateway, "sync_group_members", sync_group_members)),
        )
        .at(
            "/gbot/robot/:robot/groups",
            get(watched(p, Gateway, "robot_groups", robot_groups)),
        )
        .at("/gbot/robot/:robot", get(watched(p, Gateway, "robot", robot)))
        .at("/gbot/group/:group", get(watched(p, Gateway, "group", group)))
}

/// What any call may fail with before its work.
type Refused = Reply;

fn admit(call: &Call) -> Result<(), Refused> {
    match &call.partners.gateway.token {
        Some(token) if call.header("authorization") != format!("Bearer {token}") => Err(Reply::status(
            401,
            json!({"code": 401, "msg": "bearer token missing or wrong"}),
        )),
        _ => Ok(()),
    }
}

fn admitted<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, Refused> {
    admit(call)?;
    call.json().map_err(|reason| refuse(400, &reason))
}

fn refuse(code: u16, reason: &str) -> Reply {
    Reply::json(json!({"code": code, "msg": reason}))
}

fn done() -> Reply {
    Reply::json(json!({"code": 100}))
}

fn content(content: Value) -> Reply {
    Reply::json(json!({"code": 100, "content": content}))
}

#[derive(Deserialize)]
struct Binding {
    group_id: String,
    robot_id: String,
    #[serde(default)]
    reason: Option<Value>,
}

async fn bind_group(call: Call) -> Reply {
    let binding: Binding = match admitted(&call) {
        Ok(binding) => binding,
        Err(refused) => return refused,
    };
    let waiting = waiting(&call, &binding).await;
    let mut body = json!({"group_id": binding.group_id, "robot_id": binding.robot_id});
    // Without a known wait_for_bind the event cannot say who pulled the robot in.
    if let Some(waiting) = waiting {
        body["user_id"] = waiting.user_id.into();
        if let Some(name) = waiting.name {
            body["name"] = name.into();
        }
    }
    let event = Event::new("bind_group_success", body);
    call.partners.gateway.books().observe(&event);
    call.partners.gateway.answer(event, call.action.as_ref());
    done()
}

/// The wait that this bind answers, or who is known from an earlier bind of the same robot.
async fn waiting(call: &Call, binding: &Binding) -> Option<Waiting> {
    let look = || {
        let books = call.partners.gateway.books();
        let group = books.groups.get(&binding.group_id)?;
        let waiting = group
            .waiting
            .clone()
            .filter(|waiting| waiting.robot_id == binding.robot_id);
        waiting.or_else(|| {
            (group.bound && group.robot_id == binding.robot_id).then(|| Waiting {
                robot_id: group.robot_id.clone(),
                user_id: group.user_id.clone(),
                name: group.name.clone(),
            })
        })
    };
    for _ in 0..LOOKS.0 {
        if let Some(found) = look() {
            return Some(found);
        }
        call.partners.gateway.connected()?;
        tokio::time::sleep(LOOKS.1).await;
    }
    None
}

async fn unbind_group(call: Call) -> Reply {
    let binding: Binding = match admitted(&call) {
        Ok(binding) => binding,
        Err(refused) => return refused,
    };
    let mut body = json!({"robot_id": binding.robot_id, "group_id": binding.group_id});
    if let Some(reason) = binding.reason {
        body["reason"] = reason;
    }
    let event = Event::new("unbind_group_success", body);
    call.partners.gateway.books().observe(&event);
    call.partners.gateway.answer(event, call.action.as_ref());
    done()
}

#[derive(Deserialize)]
struct GroupOnly {
    group_id: String,
}

async fn sync_group_members(call: Call) -> Reply {
    let wanted: GroupOnly = match admitted(&call) {
        Ok(wanted) => wanted,
        Err(refused) => return refused,
    };
    let gateway = &call.partners.gateway;
    let Some(group) = gateway.books().groups.get(&wanted.group_id).cloned() else {
        return refuse(404, "unknown group_id");
    };
    gateway.answer(
        Event::new("group_members", group.members_body()),
        call.action.as_ref(),
    );
    gateway.answer(Event::new("group_info", group.info_body()), call.action.as_ref());
    done()
}

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

async fn send_group_message(call: Call) -> Reply {
    match admitted::<Send>(&call) {
        Ok(send) if send.group_id.is_none() => refuse(400, "group_id is missing"),
        Ok(send) => book(&call, send),
        Err(refused) => refused,
    }
}

async fn send_private_message(call: Call) -> Reply {
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

async fn users(call: Call) -> Reply {
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

#[derive(Deserialize)]
struct Nickname {
    group_id: String,
    nickname: String,
}

async fn modify_nickname(call: Call) -> Reply {
    let wanted: Nickname = match admitted(&call) {
        Ok(wanted) => wanted,
        Err(refused) => return refused,
    };
    match call.partners.gateway.books().groups.get_mut(&wanted.group_id) {
        Some(group) => {
            group.robot_nickname = Some(wanted.nickname);
            done()
        }
        None => refuse(404, "unknown group_id"),
    }
}

async fn robot_groups(call: Call) -> Reply {
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

async fn robot(call: Call) -> Reply {
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

async fn group(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    match call.partners.gateway.books().groups.get(call.param()) {
        Some(group) => content(group.info_body()),
        None => refuse(404, "unknown group"),
    }
}
