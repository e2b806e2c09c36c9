//! How a group is asked for: a robot is pulled in, and the network is asked to bind, at once or once the puller is known.

use super::bind_success;
use super::companion;
use super::model::{BindState, COPY, Handled};
use super::repo::{self, pending, stays};
use crate::identity::{self, User};
use crate::notice::{self, text, throttle};
use crate::robot::{self as robots, capacity};
use crate::robot::{Removal, Robot};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::outbox;
use sea_orm::DatabaseTransaction;
use transport::{Binding, CancelReason, GroupCode, RobotCode, RobotCommand};

/// A robot was pulled into a group.
pub async fn wait_for_bind(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    now: DateTime<Utc>,
) -> Result<Handled> {
    repo::lock_user(conn, &event.user_code).await?;
    repo::lock_group(conn, &event.group_code).await?;
    let Some(robot) = robots::lock_by_code(conn, &event.robot_code).await? else {
        metrics::counter!("gpet_unknown_robots_total", "command" => "wait_for_bind").increment(1);
        return robots::deleted_or(conn, &event.robot_code, "the robot is unknown").await;
    };
    let key = repo::wait_for_bind_key(&event.group_code, &event.robot_code, &event.user_code);
    if !throttle::claim(conn, key, COPY, now).await? {
        return Ok("a copy within 30 seconds");
    }
    match identity::by_code(conn, &event.user_code).await? {
        Some(user) => request(conn, context, event, &user, &robot, now).await,
        None => {
            let expires_at = now + TimeDelta::seconds(context.config.capacity.pending_bind_seconds);
            pending::put(conn, event, robot.id, BindState::WaitingForUser, now, expires_at).await?;
            Ok("kept until the puller is known")
        }
    }
}

/// Goes on with what was kept for a person who was not known: call it when a robot has been befriended.
pub async fn user_arrived(
    conn: &DatabaseTransaction,
    context: &Context,
    user: &User,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(code) = &user.code else {
        return Ok(());
    };
    repo::lock_user(conn, code).await?;
    for kept in pending::waiting_for(conn, code, now).await? {
        let bound = kept.state == BindState::Bound;
        let event = Binding::from(kept);
        repo::lock_group(conn, &event.group_code).await?;
        let Some(robot) = robots::lock_by_code(conn, &event.robot_code).await? else {
            continue;
        };
        pending::delete(conn, &event.group_code).await?;
        if bound {
            bind_success::begin_stay(conn, context, &event, user, &robot, now).await?;
        } else {
            request(conn, context, &event, user, &robot, now).await?;
        }
    }
    Ok(())
}

/// Asks the network to bind, or tells the puller why not. The first check that fails is the reason.
async fn request(
    conn: &DatabaseTransaction,
    context: &Context,
    event: &Binding,
    user: &User,
    robot: &Robot,
    now: DateTime<Utc>,
) -> Result<Handled> {
    if user.blocked() {
        return Ok("the puller is blocked");
    }
    let limits = &context.config.capacity;
    let day = BusinessDate::of(now);
    let under_way = pending::count_asked(conn, robot.id, &event.group_code, now).await?;
    let lifetime = i64::from(robot.count_threshold - robot.count_distribute);
    let daily_cap = i64::from(limits.distribute_amount) * i64::from(limits.distribute_config);
    let activated = i64::from(capacity::activations(conn, robot.id, day).await?);
    if lifetime <= 0 {
        capacity::remove_for_today(conn, context, robot.id, day, Removal::LifetimeUsedUp).await?;
    }
    let full_today = limits.refuse_when_full && activated + under_way >= daily_cap;
    if lifetime <= under_way || full_today {
        companion::refuse(conn, context, robot, user, &event.user_code, &event.name, now).await?;
        return Ok("the robot is full");
    }
    let say = |text: String| notice::say(&event.robot_code, &event.user_code, text);
    let name = event.name.as_str();
    let held = stays::active(conn, &event.group_code).await?;
    let barred = stays::newest(conn, &event.group_code)
        .await?
        .and_then(|earlier| earlier.cancel_reason)
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
    let expires_at = now + TimeDelta::seconds(limits.pending_bind_seconds);
    pending::put(conn, event, robot.id, BindState::Asked, now, expires_at).await?;
    let command = RobotCommand::BindGroup {
        robot_code: event.robot_code.clone(),
        group_code: event.group_code.clone(),
    };
    outbox::push(conn, now, vec![command.into_message()?]).await?;
    Ok("the network is asked to bind")
}

/// The network refused to bind, in these words. Its robot leaves the day's pool and the puller gets a companion.
pub async fn bind_refused(
    conn: &DatabaseTransaction,
    context: &Context,
    group_code: &GroupCode,
    robot_code: &RobotCode,
    words: &str,
) -> Result<()> {
    let now = context.clock.now();
    repo::lock_group(conn, group_code).await?;
    tracing::warn!(
        %group_code,
        %robot_code,
        words,
        "the network refused to bind a group"
    );
    let asked = pending::of_pair(conn, group_code, robot_code)
        .await?
        .filter(|pending| pending.state == BindState::Asked);
    if let Some(asked) = asked {
        pending::delete(conn, group_code).await?;
        let event = Binding::from(asked);
        let key = repo::wait_for_bind_key(group_code, robot_code, &event.user_code);
        throttle::forget(conn, vec![key]).await?;
        let robot = robots::lock_by_code(conn, robot_code).await?;
        let user = identity::by_code(conn, &event.user_code).await?;
        if let (Some(robot), Some(user)) = (robot, user) {
            let day = BusinessDate::of(now);
            capacity::remove_for_today(conn, context, robot.id, day, Removal::BindRefused).await?;
            companion::refuse(conn, context, &robot, &user, &event.user_code, &event.name, now).await?;
        }
    }
    Ok(())
}
