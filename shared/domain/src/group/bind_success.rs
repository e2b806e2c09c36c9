//! How a group becomes ours: the network says it is bound, and a stay begins.

use super::companion;
use super::event::GroupBound;
use super::model::{BindState, COPY, Handled, status_after_import};
use super::repo::pending;
use super::repo::stays::Because;
use super::repo::{self, members, stays, unbinds};
use super::unbind;
use crate::identity::{self, User};
use crate::notice::{self, text, throttle};
use crate::robot::Robot;
use crate::robot::{self as robots, capacity};
use crate::tracking;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, UserId};
use kernel::outbox;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use transport::{Binding, CancelReason, RobotCommand};

/// The network bound a group.
///
/// # Errors
/// 1404 when the robot is unknown, which is for a person to look at.
pub async fn bind_succeeded(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    now: DateTime<Utc>,
) -> Result<Handled> {
    repo::lock_user(conn, &event.user_code).await?;
    repo::lock_group(conn, &event.group_code).await?;
    let Some(robot) = robots::lock_by_code(conn, &event.robot_code).await? else {
        return without_robot(conn, event, now).await;
    };
    let held = stays::active(conn, &event.group_code).await?;
    let user = identity::by_code(conn, &event.user_code).await?;
    if let Some(stay) = held {
        let same_user = user.as_ref().is_some_and(|user| user.id == stay.user_id);
        return occupied(conn, event, stay.robot_id == Some(robot.id), same_user, now).await;
    }
    if is_copy(conn, event, now).await? {
        return Ok("a copy within 30 seconds");
    }
    match user {
        Some(user) if !user.blocked() => begin_stay(conn, context, event, &user, &robot, now).await,
        None if waits_for_user(conn, event, now).await? => {
            let expires_at = now + TimeDelta::seconds(context.config.capacity.pending_bind_seconds);
            pending::put(conn, event, robot.id, BindState::Bound, now, expires_at).await?;
            Ok("kept until the puller is known")
        }
        _ => {
            pending::delete(conn, &event.group_code).await?;
            unbind_stray(conn, event, now).await?;
            Ok("the puller is unknown or blocked: unbound")
        }
    }
}

/// The robot was deleted while its bind was under way, so that is undone; or it never was ours.
async fn without_robot(conn: &impl ConnectionTrait, event: &Binding, now: DateTime<Utc>) -> Result<Handled> {
    if !robots::was_ours(conn, &event.robot_code).await? {
        return Err(Error::not_found("robot"));
    }
    if (pending::of_pair(conn, &event.group_code, &event.robot_code).await?).is_some() {
        pending::delete(conn, &event.group_code).await?;
    }
    unbind_stray(conn, event, now).await?;
    Ok("the robot is deleted: unbound")
}

/// Whether the stay this bind began has ended already: then nothing was asked since, and the first copy was a moment ago.
async fn is_copy(conn: &impl ConnectionTrait, event: &Binding, now: DateTime<Utc>) -> Result<bool> {
    let key = repo::binding_key("bound", event);
    let asked = pending::of_pair(conn, &event.group_code, &event.robot_code)
        .await?
        .is_some_and(|pending| pending.state == BindState::Asked);
    if asked {
        throttle::forget(conn, vec![key.clone()]).await?;
    }
    Ok(!throttle::claim(conn, key, COPY, now).await?)
}

async fn waits_for_user(conn: &impl ConnectionTrait, event: &Binding, now: DateTime<Utc>) -> Result<bool> {
    let waiting = pending::waiting_for(conn, &event.user_code, now).await?;
    Ok(waiting
        .iter()
        .any(|kept| kept.group_code == event.group_code && kept.robot_code == event.robot_code))
}

/// The group has a stay already: a copy of its own bind is fine, another robot's bind is undone.
async fn occupied(
    conn: &impl ConnectionTrait,
    event: &Binding,
    same_robot: bool,
    same_user: bool,
    now: DateTime<Utc>,
) -> Result<Handled> {
    if same_robot && same_user {
        return Ok("bound already");
    }
    let text = if same_user {
        text::group::already_opened(&event.name)
    } else {
        text::group::occupied(&event.name)
    };
    let key = repo::binding_key("occupied", event);
    if !throttle::claim(conn, key, COPY, now).await? {
        return Ok("a copy within 30 seconds");
    }
    outbox::push(
        conn,
        now,
        vec![notice::say(&event.robot_code, &event.user_code, text)?],
    )
    .await?;
    if same_robot {
        // The network's bind is the one the stay lives on.
        return Ok("the group is somebody else's");
    }
    unbind_stray(conn, event, now).await?;
    Ok("the group has a robot: the second one is unbound")
}

/// Has a bind undone that became no stay.
async fn unbind_stray(conn: &impl ConnectionTrait, event: &Binding, now: DateTime<Utc>) -> Result<()> {
    let pair = (event.group_code.clone(), event.robot_code.clone());
    unbinds::expect(conn, vec![pair], now).await?;
    let command = RobotCommand::UnbindGroup {
        robot_code: event.robot_code.clone(),
        group_code: event.group_code.clone(),
        reason: CancelReason::Wanted,
    };
    outbox::push(conn, now, vec![command.into_message()?]).await
}

/// The stay begins; it ends at once when its end has overtaken it.
pub(super) async fn begin_stay(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    user: &User,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<Handled> {
    let group = insert_stay(conn, event, user.id, robot, now).await?;
    pending::delete(conn, &event.group_code).await?;
    members::take_early(conn, group, &event.group_code, now).await?;
    unbinds::take_expected(conn, &event.group_code, &event.robot_code).await?;
    identity::note_import(conn, user.id, now).await?;
    let counters = capacity::activate(conn, context, robot.id, BusinessDate::of(now), now).await?;
    let sync = RobotCommand::SyncGroupMembers {
        robot_code: Some(robot.code.clone()),
        group_code: event.group_code.clone(),
    };
    let moved_in = text::group::moved_in(&event.name);
    let mut messages = vec![
        sync.into_message()?,
        notice::say(&event.robot_code, &event.user_code, moved_in)?,
    ];
    if !counters.recommendable() {
        messages.extend(companion::after_last(conn, context, robot, user, &event.user_code, now).await?);
    }
    outbox::push(conn, now, messages).await?;
    let bound = GroupBound {
        group: event.group_code.clone(),
        user: user.id,
    };
    tracking::announce(conn, now, &[bound]).await?;
    if let Some(reason) = pending::take_tombstone(conn, event, now).await? {
        unbind::end(conn, &[group], Because::Of(reason), now).await?;
        return Ok("bound, and unbound as said before");
    }
    Ok("bound")
}

async fn insert_stay(
    conn: &impl ConnectionTrait,
    event: &Binding,
    user: UserId,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<GroupId> {
    let template_id = stays::template(conn, BusinessDate::of(now))
        .await?
        .ok_or_else(|| Error::internal("there is no profit template"))?;
    let carried = stays::newest(conn, &event.group_code)
        .await?
        .map_or(0, |earlier| earlier.settle_count);
    let stay = stays::NewStay {
        id: GroupId::new(),
        code: &event.group_code,
        name: &event.name,
        user_id: user,
        robot_id: robot.id,
        template_id,
        status: status_after_import(carried, None),
        settle_count: carried,
    };
    let id = stay.id;
    stays::insert(conn, stay, now).await?;
    Ok(id)
}
