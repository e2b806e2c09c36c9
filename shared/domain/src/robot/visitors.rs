//! Robots for those who come through our pages: visitors without an account, and users.

use super::choice::{self, Choice, Display};
use super::mirror;
use super::model::{Robot, RobotCard};
use super::repo::accesses::{self, Visit};
use super::repo::capacity;
use crate::identity;
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::external;
use kernel::id::UserId;
use sea_orm::ConnectionTrait;
use transport::Network;

/// POST `/robot/distribution`: the visitor's robot, or a new one. `sharing_user_id` as it came; what
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
    accesses::lock(&txn, visit.union_id).await?;
    let visit = visit.with_sharer(sharer(&txn, visit.union_id, visit.sharing_user).await?);
    if let Some(robot) = accesses::robot_of(&txn, visit.union_id).await? {
        accesses::share(&txn, &visit, now).await?;
        txn.commit().await?;
        return Ok(Some(robot));
    }
    capacity::open_day(&txn, context, day).await?;
    // Visitors come through WeChat, where the gateway's robots live.
    let network = Network::gateway();
    match choice::display_to_visitor(&txn, &network, visit.channel, visit.union_id, day).await? {
        Display::Shown(robot) => {
            accesses::record(&txn, &visit, robot.id, now).await?;
            txn.commit().await?;
            mirror::refresh(context, day, robot.id).await;
            Ok(Some(robot))
        }
        Display::Overtaken => {
            txn.rollback().await?;
            Ok(None)
        }
        Display::Nobody => {
            let shortage = capacity::shortage(&txn, &network, visit.channel, day).await?;
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
        Choice::Nobody => {
            let network = choice::network_of(&user, None);
            let shortage = capacity::shortage(&txn, &network, user.channel.as_deref(), day).await?;
            Err(shortage.into_error())
        }
    };
    txn.commit().await?;
    answer
}
