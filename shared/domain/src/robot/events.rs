//! What robots' own events do. Each is part of the transaction that handles the message, writes its notices to the
//! outbox there, and answers with a few words on what came of it.

use super::choice::choose_for_user;
use super::model::{Removal, Robot, RobotStatus};
use super::repo::capacity;
use super::repo::{self, incidents};
use super::{companion, link};
use crate::identity;
use crate::identity::{ChatProfile, User};
use crate::notice::{self, text, throttle};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::RobotId;
use kernel::outbox;
use partners::sms::{ShortMessage, Template};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use transport::{JoinFailed, RobotAdded, RobotCode, RobotReplaced};

/// How long the notice of a failed joining is not repeated.
const JOIN_FAILED_THROTTLE: TimeDelta = TimeDelta::seconds(60);

/// A phone hears of replaced robots once in this time.
const RETIRED_SMS_THROTTLE: TimeDelta = TimeDelta::days(1);
/// After this an SMS about a replaced robot is not sent any more.
const RETIRED_SMS_USE: TimeDelta = TimeDelta::days(1);

/// A robot was befriended. Answers who by; a group of theirs may have waited for them. The adoption fee is due with
/// the friendship and collected by a job, once per pair and never into debt. Nobody when the robot was deleted.
///
/// # Errors
/// 1404 when there never was such a robot; no user is made for it.
pub async fn robot_added(
    conn: &impl ConnectionTrait,
    context: &Context,
    event: &RobotAdded,
    now: DateTime<Utc>,
) -> Result<Option<User>> {
    let Some(robot) = repo::by_code(conn, &event.robot_code).await? else {
        return match repo::was_ours(conn, &event.robot_code).await? {
            true => Ok(None),
            false => Err(Error::not_found("robot")),
        };
    };
    let profile = ChatProfile {
        nickname: event.nickname.clone(),
        head_url: event.avatar.clone(),
        channel: robot.channel.clone(),
    };
    let (user, new) = identity::meet(conn, &event.user_code, &profile, now).await?;
    repo::befriend(conn, robot.id, user.id, now).await?;
    repo::record_distribution(conn, robot.id, user.id, now).await?;
    let say = |words: String| notice::say(&robot.code, &event.user_code, words);
    let mut notices = Vec::new();
    if new {
        let words = text::robot::welcome(&link::home(context, user.id, now)?);
        notices.push(notice::confide(
            &context.data_keys()?,
            &robot.code,
            &event.user_code,
            words,
        )?);
    }
    // A blocked robot still owes its incident; it is settled once the robot speaks again.
    if !robot.blocked() {
        let lost = incidents::settle(conn, robot.id, user.id, now).await?;
        if !lost.is_empty() {
            notices.push(say(text::robot::pull_me_back(&lost))?);
        }
    }
    outbox::push(conn, now, notices).await?;
    Ok(Some(user))
}

/// A robot could not join a group. It is out for the day unless the reason lies with the group.
pub async fn robot_join_failed(
    conn: &impl ConnectionTrait,
    context: &Context,
    event: &JoinFailed,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let day = BusinessDate::of(now);
    let Some(robot) = repo::by_code(conn, &event.robot_code).await? else {
        return repo::deleted_or(conn, &event.robot_code, "unknown robot").await;
    };
    let Some(user) = identity::by_code(conn, &event.user_code).await? else {
        return Ok("unknown user");
    };
    let healthy_reasons = &context.config.capacity.healthy_join_failures;
    let healthy = healthy_reasons.iter().any(|reason| event.reason.contains(reason));
    if !healthy {
        capacity::remove_for_today(conn, context, robot.id, day, Removal::JoinFailed).await?;
    }
    let codes = [
        robot.code.as_str(),
        event.user_code.as_str(),
        event.group_code.as_str(),
    ];
    let key = throttle::key("join_failed", &codes);
    if !throttle::claim(conn, key, JOIN_FAILED_THROTTLE, now).await? {
        return Ok("told a moment ago");
    }
    let notices = if healthy {
        vec![notice::say(
            &robot.code,
            &event.user_code,
            text::robot::group_has_helper(),
        )?]
    } else {
        let choice = choose_for_user(conn, context, &user, None, day, now).await?;
        companion::push(&robot.code, &event.user_code, choice, text::robot::join_failed)?
    };
    outbox::push(conn, now, notices).await?;
    Ok("told")
}

/// The network blocked a robot. Answers the robot whose groups are to be cancelled, and none when that was done
/// before. A "blocked" that comes within ten minutes after a replacement is older: the robot stays in service.
pub async fn abnormal_robot(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot_code: &RobotCode,
    now: DateTime<Utc>,
) -> Result<Option<RobotId>> {
    let Some(robot) = repo::lock_by_code(conn, robot_code).await? else {
        return Ok(None);
    };
    if robot.blocked() || incidents::just_replaced(conn, robot.id, now).await? {
        return Ok(None);
    }
    repo::set_status(conn, robot.id, RobotStatus::Blocked, now).await?;
    incidents::record(conn, robot.id, now).await?;
    capacity::remove_for_today(conn, context, robot.id, BusinessDate::of(now), Removal::Blocked).await?;
    Ok(Some(robot.id))
}

/// A blocked robot lives on with a new QR code. Those who lost groups with it hear so from another friend, or by SMS
/// where they have no other.
pub async fn abnormal_robot_replaced(
    conn: &impl ConnectionTrait,
    context: &Context,
    event: &RobotReplaced,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let Some(robot) = repo::lock_by_code(conn, &event.robot_code).await? else {
        return repo::deleted_or(conn, &event.robot_code, "unknown robot").await;
    };
    if !incidents::note_replacement(conn, robot.id, &event.qr_code, now).await? {
        return Ok("replaced before");
    }
    tell_of_replacement(conn, &robot, &event.qr_code, now).await?;
    if !context.config.sms.retired_template_code.is_empty() {
        tell_by_phone(conn, context, &robot, now).await?;
    }
    Ok("replaced")
}

async fn tell_of_replacement(
    conn: &impl ConnectionTrait,
    robot: &Robot,
    qr_code: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut notices = Vec::new();
    for untold in incidents::take_untold(conn, robot.id, now).await? {
        notices.push(notice::say(
            &untold.speaker,
            &untold.user_code,
            text::robot::retired(&robot.name),
        )?);
        notices.push(notice::show(&untold.speaker, &untold.user_code, qr_code)?);
    }
    outbox::push(conn, now, notices).await
}

async fn tell_by_phone(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<()> {
    let (keys, mut messages) = (context.data_keys()?, Vec::new());
    for untold in incidents::only_by_phone(conn, robot.id, now).await? {
        // Whose robots fall one after the other is not told of each.
        let key = format!("robot_retired:{}", untold.phone);
        if !throttle::claim(conn, key, RETIRED_SMS_THROTTLE, now).await? {
            continue;
        }
        incidents::mark_told(conn, robot.id, untold.user_id, now).await?;
        let message = ShortMessage {
            phone: untold.phone,
            template: Template::RobotRetired,
            params: BTreeMap::from([("name".to_owned(), robot.name.clone().into())]),
            valid_until: now + RETIRED_SMS_USE,
        };
        messages.push(message.into_message(&keys)?);
    }
    outbox::push(conn, now, messages).await
}
