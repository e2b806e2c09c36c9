//! Use cases of robots. Those that take a connection are part of a larger transaction; the caller calls
//! [`mirror::refresh`] once it has committed.

use super::access::{self, Visit};
use super::choice::{self, Choice, Display};
use super::model::{DayCounters, Robot, RobotCard};
use super::{capacity, mirror, repo};
use crate::identity;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::external;
use kernel::id::{RobotId, UserId};
use sea_orm::ConnectionTrait;

/// The robot with this chat code, unless deleted.
///
/// # Errors
/// What PostgreSQL says.
pub async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Robot>> {
    repo::by_code(conn, code).await
}

/// The robot with this chat code, unless deleted; locked, so that what is promised of it is counted once. Locked before
/// its groups, everywhere.
///
/// # Errors
/// What PostgreSQL says.
pub async fn lock_by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Robot>> {
    repo::lock_by_code(conn, code).await
}

/// The robot with this id, unless deleted; locked as by [`lock_by_code`].
///
/// # Errors
/// What PostgreSQL says.
pub async fn lock_by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    repo::lock_by_id(conn, id).await
}

/// Robots that are neither deleted nor blocked, by id.
///
/// # Errors
/// What PostgreSQL says.
pub async fn working(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    repo::working(conn).await
}

/// Whether a chat code is a robot's, or was a deleted one's.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_robot(conn: &impl ConnectionTrait, code: &str) -> Result<bool> {
    repo::is_robot(conn, code).await
}

/// The robot with this id, unless deleted.
///
/// # Errors
/// What PostgreSQL says.
pub async fn by_id(conn: &impl ConnectionTrait, id: RobotId) -> Result<Option<Robot>> {
    repo::by_id(conn, id).await
}

/// The newest friend of a user that can speak to them.
///
/// # Errors
/// What PostgreSQL says.
pub async fn newest_friend(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Robot>> {
    repo::newest_friend(conn, user, None).await
}

/// POST `/robot/distribution`, contracts.md 4.1: the visitor's robot, or a new one. `sharing_user_id` as it came; what
/// is not the id of another user counts as none. That sharers form no circle is seen to when the visitor completes.
///
/// # Errors
/// 1403 naming `union_id` or `open_id`; 1600 with the reason.
pub async fn distribute(
    context: &Context,
    union_id: &str,
    open_id: &str,
    sharing_user_id: Option<&str>,
    channel: Option<&str>,
) -> Result<RobotCard> {
    for (field, value) in [("union_id", union_id), ("open_id", open_id)] {
        external::check_code(field, value)?;
    }
    let visit = Visit {
        union_id,
        open_id,
        sharing_user: sharing_user_id,
        channel: channel.filter(|channel| !channel.is_empty()),
    };
    loop {
        if let Some(robot) = visited(context, &visit).await? {
            return Ok(robot.card());
        }
    }
}

/// One try to give a visitor their robot; none when others were faster with it.
async fn visited(context: &Context, visit: &Visit<'_, &str>) -> Result<Option<Robot>> {
    let (now, day) = (context.clock.now(), context.clock.today());
    let txn = context.db.begin().await?;
    access::lock(&txn, visit.union_id).await?;
    let visit = visit.with_sharer(sharer(&txn, visit.union_id, visit.sharing_user).await?);
    if let Some(robot) = access::robot_of(&txn, visit.union_id).await? {
        access::share(&txn, &visit, now).await?;
        txn.commit().await?;
        return Ok(Some(robot));
    }
    capacity::open_day(&txn, context, day).await?;
    match choice::display_to_visitor(&txn, visit.channel, visit.union_id, day).await? {
        Display::Shown(robot) => {
            access::record(&txn, &visit, robot.id, now).await?;
            txn.commit().await?;
            mirror::refresh(context, day, robot.id).await;
            Ok(Some(robot))
        }
        Display::Overtaken => {
            txn.rollback().await?;
            Ok(None)
        }
        Display::Nobody => {
            let shortage = capacity::shortage(&txn, visit.channel, day).await?;
            txn.commit().await?;
            Err(shortage.into_error())
        }
    }
}

async fn sharer(conn: &impl ConnectionTrait, union_id: &str, given: Option<&str>) -> Result<Option<UserId>> {
    let Some(id) = given.and_then(|text| text.trim().parse::<UserId>().ok()) else {
        return Ok(None);
    };
    let user = identity::by_id(conn, id).await?;
    Ok(user
        .filter(|user| user.union_id.as_deref() != Some(union_id))
        .map(|user| user.id))
}

/// GET `/robot/show`: the robot a user may add now.
///
/// # Errors
/// 1404 when the user is gone; 1600 with the reason.
pub async fn show(context: &Context, user: UserId) -> Result<RobotCard> {
    let (now, day) = (context.clock.now(), context.clock.today());
    let txn = context.db.begin().await?;
    let user = identity::by_id(&txn, user)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let choice = choice::choose_for_user(&txn, context, &user, None, day, now).await?;
    let answer = match choice {
        Choice::Current(robot) | Choice::Companion(robot) => Ok(robot.card()),
        Choice::Nobody => Err(capacity::shortage(&txn, user.channel.as_deref(), day)
            .await?
            .into_error()),
    };
    txn.commit().await?;
    answer
}

/// Every robot's counters on a day; today is opened first, so that none is missing.
///
/// # Errors
/// What PostgreSQL says.
pub async fn capacity_of(context: &Context, day: BusinessDate) -> Result<Vec<DayCounters>> {
    if day == context.clock.today() {
        capacity::open_day(context.db.read(), context, day).await?;
    }
    capacity::list(context.db.read(), day).await
}

/// The job distribute_robots: opens a day and mirrors it. Tells how many robots got a row.
///
/// # Errors
/// What PostgreSQL says.
pub async fn distribute_robots(context: &Context, day: BusinessDate) -> Result<u64> {
    let opened = capacity::open_day(context.db.read(), context, day).await?;
    mirror::rebuild(context, day).await;
    Ok(opened)
}
