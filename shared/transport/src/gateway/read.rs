//! The gateway's messages as our events.

use super::fields::{Fields, drop_nul, parse_as_is};
use crate::*;
use kernel::enums::Numbered;
use kernel::error::{Error, Result};
use serde_json::Value;
use std::collections::HashMap;

/// A group's name when the gateway gives none.
const UNNAMED: &str = "未命名";
/// Cancel reason when the gateway gives none: system or user.
const REASON_UNSAID: CancelReason = CancelReason::Wanted;

/// Opens the envelope `{command, body}`.
pub(super) fn envelope(bytes: &[u8]) -> Result<(String, Value)> {
    let mut message = parse_as_is(bytes)?;
    let command = Fields(&message).command()?;
    match message.get_mut("body").map(Value::take) {
        Some(body) if body.is_object() || body.is_array() => Ok((command, body)),
        _ => Err(Error::params("body", "`body` must be an object or an array")),
    }
}

/// Reads the body of a command.
pub(super) fn event(command: &str, body: &Value) -> Result<RobotEvent> {
    let fields = Fields(body);
    Ok(match command {
        "group_message" => RobotEvent::GroupMessage(group_message(fields)?),
        "private_message" => RobotEvent::PrivateMessage(PrivateMessage {
            robot_code: fields.robot("robot_id")?,
            user_code: fields.user("user_id")?,
            sent_at: fields.time("send_time"),
            said: said(fields),
        }),
        "group_members" => RobotEvent::GroupMembers(group_members(body)?),
        "join_group" => RobotEvent::JoinGroup(joined(fields)?),
        "drop_out_group" => RobotEvent::DropOutGroup(Left {
            group_code: fields.group("group_id")?,
            user_code: fields.user("user_id")?,
            left_at: fields.time("drop_time"),
        }),
        "robot_added" => RobotEvent::RobotAdded(RobotAdded {
            robot_code: fields.robot("robot_id")?,
            user_code: fields.user("user_id")?,
            nickname: fields.name("nickname").unwrap_or_default(),
            avatar: fields.address("avatar")?.unwrap_or_default(),
            added_at: fields.time("add_time"),
        }),
        "wait_for_bind" => RobotEvent::WaitForBind(binding(fields)?),
        "bind_group_success" => RobotEvent::BindGroupSuccess(binding(fields)?),
        "unbind_group_success" => RobotEvent::UnbindGroupSuccess(unbound(fields)?),
        "robot_kicked" => RobotEvent::RobotKicked(RobotKicked {
            robot_code: fields.robot("robot_id")?,
            group_code: fields.group("group_id")?,
            user_code: fields.optional_code("user_id", UserCode::on)?,
            kicked_at: fields.time("kick_time"),
        }),
        "group_info" => RobotEvent::GroupInfo(group_info(fields)?),
        "robot_join_failed" => RobotEvent::RobotJoinFailed(JoinFailed {
            robot_code: fields.robot("robot_id")?,
            group_code: fields.group("group_id")?,
            user_code: fields.user("user_id")?,
            name: fields.text_or_empty("name"),
            user_wxid: fields.text_or_empty("user_wxid"),
            avatar: fields.text_or_empty("avatar"),
            reason: fields.text_or_empty("reason"),
        }),
        "abnormal_robot" => RobotEvent::AbnormalRobot(AbnormalRobot {
            robot_code: fields.robot("robot_id")?,
        }),
        "abnormal_robot_replaced" => RobotEvent::AbnormalRobotReplaced(RobotReplaced {
            robot_code: fields.robot("replace_robot_id")?,
            qr_code: fields
                .address("qrcode")?
                .ok_or_else(|| Error::params("qrcode", "`qrcode` is required"))?,
        }),
        other => RobotEvent::Unknown(other.to_owned()),
    })
}

fn group_message(fields: Fields<'_>) -> Result<GroupMessage> {
    let mut body = fields.0.clone();
    drop_nul(&mut body);
    Ok(GroupMessage {
        group_code: fields.group("group_id")?,
        user_code: fields.user("user_id")?,
        mentions_all: fields.flag("all"),
        mentions: mentioned(fields.list("at_users")),
        message_no: fields.message_no()?,
        from_robot: fields.flag("is_robot"),
        sent_at: fields.time("send_time"),
        said: said(fields),
        body,
    })
}

fn said(fields: Fields<'_>) -> Content {
    Content {
        kind: fields.integer("type").unwrap_or_default(),
        content: fields.text_or_empty("content"),
        title: fields.text_or_empty("title"),
        desc: fields.text_or_empty("desc"),
        url: fields.text_or_empty("url"),
        voice_time: fields.text_or_empty("voice_time"),
    }
}

/// Those that can be codes; who else is mentioned is nobody we could know.
fn mentioned(items: &[Value]) -> Vec<UserCode> {
    let bare = items.iter().filter_map(|item| match item {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    });
    bare.filter_map(|bare| UserCode::on(&Network::gateway(), &bare).ok())
        .collect()
}

/// Elements of different groups come as one list each, in the order the groups first appear.
fn group_members(body: &Value) -> Result<Vec<GroupMembers>> {
    let elements = body
        .as_array()
        .ok_or_else(|| Error::params("body", "`body` must be an array"))?;
    let mut lists: Vec<GroupMembers> = Vec::new();
    let mut places: HashMap<GroupCode, usize> = HashMap::new();
    for element in elements {
        let fields = Fields(element);
        let group_code = fields.group("group_id")?;
        let member = Member {
            user_code: fields.user("user_id")?,
            is_owner: fields.flag("is_admin"),
        };
        let place = *places.entry(group_code).or_insert_with_key(|group_code| {
            lists.push(GroupMembers {
                group_code: group_code.clone(),
                members: Vec::new(),
            });
            lists.len() - 1
        });
        lists[place].members.push(member);
    }
    Ok(lists)
}

fn joined(fields: Fields<'_>) -> Result<Joined> {
    Ok(Joined {
        group_code: fields.group("group_id")?,
        user_code: fields.user("user_id")?,
        inviter: fields.optional_code("invite_user_id", UserCode::on)?,
        nickname: fields.text_or_empty("nickname"),
        avatar: fields.text_or_empty("avatar"),
        user_wxid: fields.text_or_empty("user_wxid"),
        join_type: fields.integer("join_type"),
        joined_at: fields.time("join_time"),
    })
}

fn binding(fields: Fields<'_>) -> Result<Binding> {
    Ok(Binding {
        group_code: fields.group("group_id")?,
        robot_code: fields.robot("robot_id")?,
        user_code: fields.user("user_id")?,
        name: fields
            .name("name")
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| UNNAMED.to_owned()),
    })
}

fn unbound(fields: Fields<'_>) -> Result<Unbound> {
    let reason = match fields.text("reason") {
        None => REASON_UNSAID,
        Some(text) => text
            .trim()
            .parse()
            .ok()
            .and_then(CancelReason::of_number)
            .ok_or_else(|| Error::params("reason", "`reason` must be from 1 to 7"))?,
    };
    Ok(Unbound {
        robot_code: fields.robot("robot_id")?,
        group_code: fields.group("group_id")?,
        reason,
    })
}

/// Also the answer of GET `/gbot/group/{code}`.
pub(super) fn group_info(fields: Fields<'_>) -> Result<GroupInfo> {
    let seen = |robot: Fields<'_>| -> Result<SeenRobot> {
        Ok(SeenRobot {
            robot_code: robot.optional_code("robot_id", RobotCode::on)?,
            in_group: robot.flag("robot_in_group"),
        })
    };
    let robots = fields.list("robots").iter().map(Fields);
    Ok(GroupInfo {
        group_code: fields.group("id")?,
        name: fields.name("name"),
        owner_user_code: fields.optional_code("admin_user_id", UserCode::on)?,
        member_count: fields.integer("mem_count").filter(|count| *count >= 0),
        robots: robots.map(seen).collect::<Result<_>>()?,
    })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
