//! How a group becomes ours: the robot is pulled in, the gateway is asked, the gateway says it is done.

use super::companion;
use super::model::{CancelReason, Outcome, status_after_import};
use super::repo::pending::{self, State};
use super::repo::{self, stays, unbinds};
use super::robots::{self, Robot};
use super::unbinding;
use crate::context::Context;
use crate::identity::{self, model::User};
use crate::kernel::clock::BusinessDate;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::{GroupId, UserId};
use crate::kernel::outbox;
use crate::notice::{self, text};
use crate::tracking::{self, BusinessEvent};
use crate::transport::{Binding, RobotCommand};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// A second message of the same content within this time is a copy of the first.
const COPY: TimeDelta = TimeDelta::seconds(30);

/// 1.8: a robot was pulled into a group.
///
/// # Errors
/// What PostgreSQL says.
pub async fn wait_for_bind(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    repo::lock_user(conn, &event.user_code).await?;
    repo::lock_group(conn, &event.group_code).await?;
    let Some(robot) = robots::by_code(conn, &event.robot_code).await? else {
        metrics::counter!("gpet_unknown_robots_total", "command" => "wait_for_bind").increment(1);
        return Ok("the robot is unknown");
    };
    let key = repo::wait_for_bind_key(&event.group_code, &event.robot_code, &event.user_code);
    if !repo::first_within(conn, key, COPY, now).await? {
        return Ok("a copy within 30 seconds");
    }
    match identity::service::by_code(conn, &event.user_code).await? {
        Some(user) => request(conn, context, event, &user, &robot, now).await,
        None => {
            let expires_at = now + TimeDelta::seconds(context.config.capacity.pending_bind_seconds);
            pending::put(conn, event, robot.id, State::WaitingForUser, now, expires_at).await?;
            Ok("kept until the puller is known")
        }
    }
}

/// Goes on with what was kept for a person who was not known: call it when a robot has been befriended.
///
/// # Errors
/// What PostgreSQL says.
pub async fn user_arrived(
    conn: &DatabaseTransaction,
    context: &Context,
    user: &User,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(code) = user.code.as_deref() else {
        return Ok(());
    };
    repo::lock_user(conn, code).await?;
    for kept in pending::waiting_for(conn, code, now).await? {
        let bound = kept.bound();
        let event = kept.into_binding();
        repo::lock_group(conn, &event.group_code).await?;
        let Some(robot) = robots::by_code(conn, &event.robot_code).await? else {
            continue;
        };
        pending::drop(conn, &event.group_code).await?;
        if bound {
            begin_stay(conn, context, &event, user, &robot, now).await?;
        } else {
            request(conn, context, &event, user, &robot, now).await?;
        }
    }
    Ok(())
}

/// Asks the gateway to bind, or tells the puller why not. The checks are in 1.8's order.
async fn request(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    user: &User,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    if user.blocked() {
        return Ok("the puller is blocked");
    }
    let capacity = &context.config.capacity;
    let day = BusinessDate::of(now);
    let under_way = pending::count_asked(conn, robot.id, &event.group_code, now).await?;
    let lifetime = i64::from(robot.count_threshold - robot.count_distribute);
    let daily_cap = i64::from(capacity.distribute_amount) * i64::from(capacity.distribute_config);
    let activated = i64::from(robots::activations(conn, robot.id, day).await?);
    if lifetime <= 0 {
        robots::remove_for_today(conn, capacity, robot.id, day, "lifetime used up").await?;
    }
    let full_today = capacity.refuse_when_full && activated + under_way >= daily_cap;
    if lifetime <= under_way || full_today {
        companion::refuse(conn, robot, user, &event.user_code, &event.name, now).await?;
        return Ok("the robot is full");
    }
    let say = |text: String| notice::say(&event.robot_code, &event.user_code, text);
    let name = event.name.as_str();
    let held = stays::active(conn, &event.group_code).await?;
    let barred = stays::newest(conn, &event.group_code)
        .await?
        .and_then(|earlier| earlier.cancel_reason)
        .and_then(|reason| CancelReason::try_from(reason).ok())
        .filter(|reason| held.is_none() && reason.bars_return());
    let refusal = match (barred, held) {
        (Some(CancelReason::Illegal), _) => Some((text::group::endangers(name), "the group was illegal")),
        (Some(_), _) => Some((
            text::group::nobody_read(name),
            "the group had low delivery quality",
        )),
        (None, Some(stay)) if stay.user_id == user.id => Some((
            text::group::already_opened(name),
            "the group is the puller's already",
        )),
        (None, Some(_)) => Some((text::group::occupied(name), "the group is somebody else's")),
        (None, None) => None,
    };
    if let Some((text, outcome)) = refusal {
        outbox::push(conn, now, vec![say(text)?]).await?;
        return Ok(outcome);
    }
    if pending::asked_since(conn, &event.group_code, now - COPY).await? {
        return Ok("the group is being bound");
    }
    let expires_at = now + TimeDelta::seconds(capacity.pending_bind_seconds);
    pending::put(conn, event, robot.id, State::Asked, now, expires_at).await?;
    let command = RobotCommand::BindGroup {
        robot_code: event.robot_code.clone(),
        group_code: event.group_code.clone(),
    };
    outbox::push(conn, now, vec![command.into_message()?]).await?;
    Ok("the gateway is asked to bind")
}

/// 1.9: the gateway bound a group.
///
/// # Errors
/// 1404 when the robot is unknown, which is for a person to look at; what PostgreSQL says.
pub async fn bind_succeeded(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    repo::lock_user(conn, &event.user_code).await?;
    repo::lock_group(conn, &event.group_code).await?;
    let robot = robots::by_code(conn, &event.robot_code)
        .await?
        .ok_or_else(|| Error::not_found("robot"))?;
    let held = stays::active(conn, &event.group_code).await?;
    let user = identity::service::by_code(conn, &event.user_code).await?;
    if let Some(stay) = held {
        let same_user = user.as_ref().is_some_and(|user| user.id == stay.user_id);
        return occupied(conn, event, stay.robot_id == Some(robot.id), same_user, now).await;
    }
    match user {
        Some(user) if !user.blocked() => begin_stay(conn, context, event, &user, &robot, now).await,
        None if waits_for_user(conn, event, now).await? => {
            let expires_at = now + TimeDelta::seconds(context.config.capacity.pending_bind_seconds);
            pending::put(conn, event, robot.id, State::Bound, now, expires_at).await?;
            Ok("kept until the puller is known")
        }
        _ => {
            pending::drop(conn, &event.group_code).await?;
            unbind_stray(conn, event, now).await?;
            Ok("the puller is unknown or blocked: unbound")
        }
    }
}

async fn waits_for_user(conn: &impl ConnectionTrait, event: &Binding, now: DateTime<Utc>) -> Result<bool> {
    let waiting = pending::waiting_for(conn, &event.user_code, now).await?;
    Ok(waiting
        .into_iter()
        .map(pending::Pending::into_binding)
        .any(|kept| kept.group_code == event.group_code && kept.robot_code == event.robot_code))
}

/// The group has a stay already: a copy of its own bind is fine, another robot's bind is undone.
async fn occupied(
    conn: &impl ConnectionTrait,
    event: &Binding,
    same_robot: bool,
    same_user: bool,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    if same_robot && same_user {
        return Ok("bound already");
    }
    let text = if same_user {
        text::group::already_opened(&event.name)
    } else {
        text::group::occupied(&event.name)
    };
    let key = format!(
        "occupied:{}:{}:{}",
        event.group_code, event.robot_code, event.user_code
    );
    if !repo::first_within(conn, key, COPY, now).await? {
        return Ok("a copy within 30 seconds");
    }
    outbox::push(
        conn,
        now,
        vec![notice::say(&event.robot_code, &event.user_code, text)?],
    )
    .await?;
    if same_robot {
        // The gateway's bind is the one the stay lives on.
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
        reason: CancelReason::Wanted.number(),
    };
    outbox::push(conn, now, vec![command.into_message()?]).await
}

/// The stay begins; it ends at once when its end has overtaken it.
async fn begin_stay(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    user: &User,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let group = insert_stay(conn, event, user.id, robot, now).await?;
    pending::drop(conn, &event.group_code).await?;
    unbinds::take_expected(conn, &event.group_code, &event.robot_code).await?;
    robots::note_import(conn, user.id, now).await?;
    let recommendable = robots::activate(
        conn,
        &context.config.capacity,
        robot.id,
        BusinessDate::of(now),
        now,
    )
    .await?;
    let sync = RobotCommand::SyncGroupMembers {
        group_code: event.group_code.clone(),
    };
    let moved_in = text::group::moved_in(&event.name);
    let mut messages = vec![
        sync.into_message()?,
        notice::say(&event.robot_code, &event.user_code, moved_in)?,
    ];
    if !recommendable {
        messages.extend(companion::after_last(conn, robot, user, &event.user_code, now).await?);
    }
    outbox::push(conn, now, messages).await?;
    let bound = BusinessEvent::GroupBound {
        group: event.group_code.clone(),
        user: user.id,
    };
    tracking::announce(conn, now, vec![bound]).await?;
    if let Some(reason) = pending::take_tombstone(conn, event, now).await? {
        unbinding::end(conn, &[group], reason, now).await?;
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

/// 2.5: the gateway refused to bind, in these words. Its robot leaves the day's pool and the puller gets a companion.
///
/// # Errors
/// What PostgreSQL says.
pub async fn bind_refused(context: &Context, group_code: &str, robot_code: &str, words: &str) -> Result<()> {
    let now = context.clock.now();
    let conn = context.db.begin().await?;
    repo::lock_group(&conn, group_code).await?;
    let asked = pending::of_pair(&conn, group_code, robot_code)
        .await?
        .filter(pending::Pending::asked);
    if let Some(asked) = asked {
        pending::drop(&conn, group_code).await?;
        let event = asked.into_binding();
        let key = repo::wait_for_bind_key(group_code, robot_code, &event.user_code);
        repo::forget(&conn, vec![key]).await?;
        let robot = robots::by_code(&conn, robot_code).await?;
        let user = identity::service::by_code(&conn, &event.user_code).await?;
        if let (Some(robot), Some(user)) = (robot, user) {
            let day = BusinessDate::of(now);
            let reason = format!("bind refused: {words}");
            robots::remove_for_today(&conn, &context.config.capacity, robot.id, day, &reason).await?;
            companion::refuse(&conn, &robot, &user, &event.user_code, &event.name, now).await?;
        }
    }
    Ok(conn.commit().await?)
}
