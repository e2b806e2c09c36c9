//! How a group stops being ours.

use super::event::GroupCancelled;
use super::model::{BindState, Handled};
use super::repo::stays::{Because, Ended};
use super::repo::unbinds::ToUnbind;
use super::repo::{self, pending, stays, unbinds};
use crate::notice::{self, text, throttle};
use crate::robot::{self as robots, capacity};
use crate::tracking;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, RobotId, UserId};
use kernel::outbox;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::collections::BTreeMap;
use transport::{CancelReason, RobotCommand, RobotKicked, Unbound};

/// How long an unbinding waits for the bind it has overtaken.
const OVERTAKEN: TimeDelta = TimeDelta::minutes(10);

/// The network unbound a group.
pub async fn unbound(conn: &DatabaseTransaction, event: &Unbound, now: DateTime<Utc>) -> Result<Handled> {
    repo::lock_group(conn, &event.group_code).await?;
    if unbinds::take_expected(conn, &event.group_code, &event.robot_code).await? {
        return Ok("confirmed what was booked before");
    }
    // The robot before its groups, as everywhere.
    robots::lock_by_code(conn, &event.robot_code).await?;
    if let Some(stay) = stays::active(conn, &event.group_code).await? {
        end(conn, &[stay.id], told(event), now).await?;
        return Ok("unbound");
    }
    // Without a stay it is a copy, or it has overtaken its bind: then that is awaited, or nothing was ever bound.
    let awaited = pending::of_pair(conn, &event.group_code, &event.robot_code)
        .await?
        .is_some_and(|pending| pending.state != BindState::WaitingForUser);
    if awaited || !stays::known(conn, &event.group_code, &event.robot_code).await? {
        pending::put_tombstone(conn, event, now + OVERTAKEN).await?;
        return Ok("kept for a bind that may follow");
    }
    Ok("unbound already")
}

/// The reason the network tells. It says 4 too when it says nothing; then what we asked for is better.
fn told(event: &Unbound) -> Because {
    match event.reason {
        CancelReason::Wanted => Because::AskedOr(CancelReason::Wanted),
        reason => Because::Of(reason),
    }
}

/// A robot was thrown out. The importer hears of it once, and the network is asked to unbind.
pub async fn kicked(conn: &DatabaseTransaction, event: &RobotKicked, now: DateTime<Utc>) -> Result<Handled> {
    repo::lock_group(conn, &event.group_code).await?;
    let stay = stays::active(conn, &event.group_code).await?;
    let Some(stay) = stay.filter(|stay| stay.robot_code.as_ref() == Some(&event.robot_code)) else {
        return robots::deleted_or(conn, &event.robot_code, "not a group of this robot").await;
    };
    if !stays::thrown_out(conn, stay.id, now).await? {
        return Ok("known to be out already");
    }
    if let Some(user_code) = &stay.user_code {
        let told = notice::say(&event.robot_code, user_code, text::group::thrown_out(&stay.name))?;
        outbox::push(conn, now, vec![told]).await?;
    }
    cancel(conn, &[(stay.id, CancelReason::Left)], now).await?;
    Ok("thrown out")
}

/// A robot is blocked, and its groups end with it. The network hears of each, but nobody waits for its answer.
pub async fn robot_blocked(conn: &DatabaseTransaction, robot: RobotId, now: DateTime<Utc>) -> Result<()> {
    end_all(conn, robot, CancelReason::RobotBlocked, now)
        .await
        .map(|_| ())
}

/// A robot is deleted, and its groups end with it, in the same way. Tells how many.
pub(super) async fn robot_deleted(
    conn: &DatabaseTransaction,
    robot: RobotId,
    now: DateTime<Utc>,
) -> Result<usize> {
    end_all(conn, robot, CancelReason::Wanted, now).await
}

async fn end_all(
    conn: &DatabaseTransaction,
    robot: RobotId,
    reason: CancelReason,
    now: DateTime<Utc>,
) -> Result<usize> {
    let ended = stays::end_all_of_robot(conn, robot, reason, now).await?;
    let count = ended.len();
    tell_network(conn, &ended, now).await?;
    close(conn, ended, now).await?;
    Ok(count)
}

/// Asks the network to unbind these stays; the first reason asked for stays, and nothing is asked twice. They end when
/// it says so; stays without a robot end at once.
pub async fn cancel(
    conn: &DatabaseTransaction,
    groups: &[(GroupId, CancelReason)],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<GroupId> = groups.iter().map(|(group, _)| *group).collect();
    let robotless: Vec<GroupId> = stays::active_among(conn, &ids)
        .await?
        .into_iter()
        .filter(|stay| stay.robot_id.is_none())
        .map(|stay| stay.id)
        .collect();
    let new = unbinds::request(conn, groups, now).await?;
    push(conn, new, now).await?;
    for (group, reason) in groups.iter().filter(|(group, _)| robotless.contains(group)) {
        end(conn, &[*group], Because::Of(*reason), now).await?;
    }
    Ok(())
}

/// A user gives a group up; they can only want to.
///
/// # Errors
/// 1404 when the group is not theirs.
pub async fn cancel_for_user(context: &Context, user: UserId, group: GroupId) -> Result<()> {
    let conn = context.db.begin().await?;
    let stay = stays::active_of_user(&conn, user, group)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    cancel(&conn, &[(stay.id, CancelReason::Wanted)], context.clock.now()).await?;
    Ok(conn.commit().await?)
}

/// Asks again for what the network has not confirmed since `before`.
pub(super) async fn ask_again(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let again = unbinds::unconfirmed(conn, before, now).await?;
    let count = again.len();
    push(conn, again, now).await?;
    Ok(count)
}

async fn push(conn: &impl ConnectionTrait, groups: Vec<ToUnbind>, now: DateTime<Utc>) -> Result<()> {
    let commands = groups
        .into_iter()
        .map(|group| {
            RobotCommand::UnbindGroup {
                robot_code: group.robot_code,
                group_code: group.group_code,
                reason: group.reason,
            }
            .into_message()
        })
        .collect::<Result<Vec<_>>>()?;
    outbox::push(conn, now, commands).await
}

/// Ends stays and gives their robots back; the network knows already.
pub(super) async fn end(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
    because: Because,
    now: DateTime<Utc>,
) -> Result<()> {
    let ended = stays::end(conn, groups, because, now).await?;
    close(conn, ended, now).await
}

/// Ends stays that the network will not speak of by itself, and tells it.
pub(super) async fn end_unasked(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
    because: Because,
    now: DateTime<Utc>,
) -> Result<()> {
    let ended = stays::end(conn, groups, because, now).await?;
    tell_network(conn, &ended, now).await?;
    close(conn, ended, now).await
}

/// Has the network unbind what has ended here; its confirmation is expected, and ends nothing.
async fn tell_network(conn: &impl ConnectionTrait, ended: &[Ended], now: DateTime<Utc>) -> Result<()> {
    let commands: Vec<ToUnbind> = ended
        .iter()
        .filter_map(|stay| {
            Some(ToUnbind {
                group_code: stay.code.clone(),
                robot_code: stay.robot_code.clone()?,
                reason: stay.reason,
            })
        })
        .collect();
    let pairs = commands
        .iter()
        .map(|command| (command.group_code.clone(), command.robot_code.clone()))
        .collect();
    unbinds::expect(conn, pairs, now).await?;
    push(conn, commands, now).await
}

async fn close(conn: &impl ConnectionTrait, ended: Vec<Ended>, now: DateTime<Utc>) -> Result<()> {
    let mut released: BTreeMap<RobotId, i32> = BTreeMap::new();
    for robot in ended.iter().filter_map(|stay| stay.robot_id) {
        *released.entry(robot).or_default() += 1;
    }
    for (robot, groups) in released {
        capacity::release(conn, robot, groups, now).await?;
    }
    // Whoever pulls the robot in again now means it.
    let keys = ended
        .iter()
        .filter_map(|stay| {
            let (robot, user) = (stay.robot_code.as_ref()?, stay.user_code.as_ref()?);
            Some(repo::wait_for_bind_key(&stay.code, robot, user))
        })
        .collect();
    throttle::forget(conn, keys).await?;
    let events: Vec<GroupCancelled> = ended
        .into_iter()
        .map(|stay| GroupCancelled {
            group: stay.code,
            user: stay.user_id,
            reason: stay.reason,
        })
        .collect();
    tracking::announce(conn, now, &events).await
}
