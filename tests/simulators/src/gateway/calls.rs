//! The gateway's HTTP calls.

use std::sync::Arc;
use std::time::Duration;

use poem::{Route, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, watched};
use crate::gateway::directory::{group, robot, robot_groups, users};
use crate::gateway::sends::{send_group_message, send_private_message};
use crate::gateway::{Event, WaitingBind};
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
pub(super) type Refused = Reply;

pub(super) fn admit(call: &Call) -> Result<(), Refused> {
    match &call.partners.gateway.token {
        Some(token) if call.header("authorization") != format!("Bearer {token}") => Err(Reply::status(
            401,
            json!({"code": 401, "msg": "bearer token missing or wrong"}),
        )),
        _ => Ok(()),
    }
}

pub(super) fn admitted<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, Refused> {
    admit(call)?;
    call.json().map_err(|reason| refuse(400, &reason))
}

pub(super) fn refuse(code: u16, reason: &str) -> Reply {
    Reply::json(json!({"code": code, "msg": reason}))
}

pub(super) fn done() -> Reply {
    Reply::json(json!({"code": 100}))
}

pub(super) fn content(content: Value) -> Reply {
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
async fn waiting(call: &Call, binding: &Binding) -> Option<WaitingBind> {
    let look = || {
        let books = call.partners.gateway.books();
        let group = books.groups.get(&binding.group_id)?;
        let waiting = group
            .waiting
            .clone()
            .filter(|waiting| waiting.robot_id == binding.robot_id);
        waiting.or_else(|| {
            (group.bound && group.robot_id == binding.robot_id).then(|| WaitingBind {
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
