//! What the network tells of groups of ours: how they look, who is in them, what is said.

use super::model::{Handled, robot_in_group};
use super::repo::{self, members as rows, stays};
use super::unbind;
use crate::notice::throttle;
use crate::robot as robots;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::clock::BusinessDate;
use kernel::crypto;
use kernel::error::Result;
use sea_orm::DatabaseTransaction;
use transport::{CancelReason, GroupCode, GroupInfo, GroupMembers, GroupMessage, Joined, Left, UserCode};

/// A group bound more recently than this may not have reached the network's picture of it.
const SETTLING_IN: TimeDelta = TimeDelta::minutes(2);
/// Comings and goings without a time are one when they follow each other this closely.
const SAME_CHANGE: TimeDelta = TimeDelta::seconds(60);
/// How far the network's times may be from ours: it may have kept an event for us for weeks, but not sent it tomorrow.
const BELIEVED: (TimeDelta, TimeDelta) = (TimeDelta::days(30), TimeDelta::days(1));

/// The network's time of an event, unless it cannot be true.
fn believed(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (back, ahead) = BELIEVED;
    at.filter(|at| (now - back..=now + ahead).contains(at))
}

fn not_ours(command: &'static str) -> Handled {
    metrics::counter!("gpet_unknown_groups_total", "command" => command).increment(1);
    "not a group of ours"
}

/// How a group looks. A snapshot; a group without our robot is given up.
pub async fn group_info(
    conn: &DatabaseTransaction,
    event: &GroupInfo,
    now: DateTime<Utc>,
) -> Result<Handled> {
    repo::lock_group(conn, &event.group_code).await?;
    let Some(stay) = stays::active(conn, &event.group_code).await? else {
        return Ok(not_ours("group_info"));
    };
    let Some(robot_code) = &stay.robot_code else {
        return Ok(not_ours("group_info"));
    };
    if !robot_in_group(&event.robots, robot_code) {
        if now - stay.bound_at < SETTLING_IN {
            return Ok("the robot is not in the group yet");
        }
        unbind::cancel(conn, &[(stay.id, CancelReason::Left)], now).await?;
        return Ok("the robot is not in the group any more");
    }
    let members = event.member_count.filter(|count| *count >= 0);
    stays::describe(
        conn,
        stay.id,
        event.name.clone(),
        event.owner_user_code.clone(),
        members,
        now,
    )
    .await?;
    Ok("described")
}

/// Who is in the groups. Each list replaces the one before; an empty one says nothing.
pub async fn members(
    conn: &DatabaseTransaction,
    event: &[GroupMembers],
    now: DateTime<Utc>,
) -> Result<Handled> {
    let mut lists: Vec<&GroupMembers> = event.iter().filter(|list| !list.members.is_empty()).collect();
    // Always in this order, so that two messages about the same groups don't wait for each other.
    lists.sort_by(|a, b| a.group_code.cmp(&b.group_code));
    let mut outcome = "no members";
    for list in lists {
        repo::lock_group(conn, &list.group_code).await?;
        let Some(stay) = stays::active(conn, &list.group_code).await? else {
            outcome = not_ours("group_members");
            continue;
        };
        let owner = list.members.iter().rev().find(|member| member.is_owner);
        let owner = owner.map(|member| member.user_code.clone());
        rows::replace(conn, stay.id, &list.members, owner, now).await?;
        outcome = "listed";
    }
    Ok(outcome)
}

/// Somebody joined.
pub async fn joined(conn: &DatabaseTransaction, event: &Joined, now: DateTime<Utc>) -> Result<Handled> {
    let change = Change {
        command: "join_group",
        group_code: &event.group_code,
        user_code: &event.user_code,
        at: event.joined_at,
        counts: (1, 0),
    };
    count(conn, &change, now).await
}

/// Somebody left.
pub async fn left(conn: &DatabaseTransaction, event: &Left, now: DateTime<Utc>) -> Result<Handled> {
    let change = Change {
        command: "drop_out_group",
        group_code: &event.group_code,
        user_code: &event.user_code,
        at: event.left_at,
        counts: (0, 1),
    };
    count(conn, &change, now).await
}

/// Somebody came or went.
struct Change<'a> {
    command: &'static str,
    group_code: &'a GroupCode,
    user_code: &'a UserCode,
    at: Option<DateTime<Utc>>,
    /// How many came, how many went.
    counts: (i32, i32),
}

async fn count(conn: &DatabaseTransaction, change: &Change<'_>, now: DateTime<Utc>) -> Result<Handled> {
    if robots::is_robot(conn, change.user_code).await? {
        return Ok("a robot");
    }
    let codes = [change.group_code.as_str(), change.user_code.as_str()];
    let key = throttle::key(change.command, &codes);
    let at = believed(change.at, now);
    if at.is_none() && !throttle::claim(conn, key, SAME_CHANGE, now).await? {
        return Ok("a copy within a minute");
    }
    let day = BusinessDate::of(at.unwrap_or(now));
    if let Some(group) = rows::group_with_robot(conn, change.group_code).await? {
        rows::count(conn, group, day, change.counts).await?;
        return Ok("counted");
    }
    // Its bind may be under way: locked, so that it is either ours by now or will find what is kept for it.
    repo::lock_group(conn, change.group_code).await?;
    if let Some(group) = rows::group_with_robot(conn, change.group_code).await? {
        rows::count(conn, group, day, change.counts).await?;
        return Ok("counted");
    }
    match rows::count_early(conn, change.group_code, day, change.counts, now).await? {
        true => Ok("kept until the group is bound"),
        false => Ok(not_ours(change.command)),
    }
}

/// Somebody spoke; what a person says in a group of ours is kept.
pub async fn message(
    conn: &DatabaseTransaction,
    event: &GroupMessage,
    now: DateTime<Utc>,
) -> Result<Handled> {
    if event.from_robot {
        return Ok("a robot's");
    }
    let Some(group) = rows::group_with_robot(conn, &event.group_code).await? else {
        return Ok(not_ours("group_message"));
    };
    let sent_at = believed(event.sent_at, now).unwrap_or(now);
    let kept = rows::keep_message(
        conn,
        group,
        &event.user_code,
        message_key(event),
        event.body.clone(),
        sent_at,
    )
    .await?;
    Ok(if kept { "kept" } else { "kept already" })
}

/// The network's number of a message, else a hash of what makes it this message.
fn message_key(event: &GroupMessage) -> String {
    if !event.message_no.is_empty() {
        return event.message_no.clone();
    }
    let sent_at = event.sent_at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let text = serde_json::json!([event.user_code, sent_at, event.said.kind, event.said.content]).to_string();
    format!("sha256:{}", hex::encode(crypto::sha256(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::Content;

    fn said(message_no: &str, content: &str, second: i64) -> String {
        message_key(&GroupMessage {
            group_code: "G-1".parse().unwrap(),
            user_code: "U-1".parse().unwrap(),
            mentions_all: false,
            mentions: Vec::new(),
            message_no: message_no.to_owned(),
            from_robot: false,
            sent_at: DateTime::from_timestamp(second, 0),
            said: Content {
                kind: 3,
                content: content.to_owned(),
                ..Content::default()
            },
            body: serde_json::Value::Null,
        })
    }

    #[test]
    fn a_message_is_known_by_its_number_or_by_what_was_said_when() {
        assert_eq!(said("M-1", "hello", 0), said("M-1", "bye", 9));
        assert_eq!(said("", "hello", 0), said("", "hello", 0));
        assert_ne!(said("", "hello", 0), said("", "bye", 0));
        assert_ne!(said("", "hello", 0), said("", "hello", 1));
    }
}
