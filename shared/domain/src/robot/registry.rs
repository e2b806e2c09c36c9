//! Which robots there are: taken into service, edited, set aside, given back and deleted by operators and partners.

pub use super::registration::{Changes, NewRobot};

use super::model::{Removal, Robot, RobotStatus};
use super::registration::differences;
use super::repo::capacity;
use super::{mirror, repo};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, RobotId};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// Takes a robot into service; it is offered at once. The code of a deleted robot may come again: it is the same account
/// on the chat network, so it has its friends and today's activations still.
///
/// # Errors
/// 1403 naming the field; 1409 when the code is taken.
pub async fn register(context: &Context, new: NewRobot) -> Result<Robot> {
    take_in(context, new, None).await
}

/// The same as an operator's deed.
///
/// # Errors
/// As [`register`].
pub async fn register_by(context: &Context, operator: OperatorId, new: NewRobot) -> Result<Robot> {
    take_in(context, new, Some(operator)).await
}

async fn take_in(context: &Context, new: NewRobot, by: Option<OperatorId>) -> Result<Robot> {
    new.check()?;
    let (now, day) = (context.clock.now(), context.clock.today());
    let mut robot = Robot {
        id: RobotId::new(),
        code: new.code,
        name: new.name,
        wechat_no: new.wechat_no,
        head_url: new.head_url,
        qr_code: new.qr_code,
        channel: new.channel.filter(|channel| !channel.is_empty()),
        count_threshold: new.count_threshold,
        count_distribute: 0,
        status: RobotStatus::Allocatable,
    };
    let txn = context.db.begin().await?;
    let taken = || Error::new(Code::DuplicateRequest, "a robot with this code exists");
    robot.id = repo::insert(&txn, &robot, now).await?.ok_or_else(taken)?;
    capacity::resize(&txn, context, robot.id, day).await?;
    capacity::lift_removal(&txn, robot.id, day, Removal::SetAside).await?;
    if let Some(operator) = by {
        let detail = json!({ "code": robot.code, "count_threshold": robot.count_threshold });
        audit::record(&txn, operator, "register_robot", &subject(&robot), detail, now).await?;
    }
    txn.commit().await?;
    mirror::refresh(context, day, robot.id).await;
    Ok(robot)
}

/// POST `/robot/undistributable`: healthy, but no longer offered.
///
/// # Errors
/// 1404 when there is no such robot.
pub async fn set_aside(context: &Context, robot: RobotId) -> Result<()> {
    put_aside(context, robot, None).await
}

/// The same as an operator's deed.
///
/// # Errors
/// As [`set_aside`].
pub async fn set_aside_by(context: &Context, operator: OperatorId, robot: RobotId) -> Result<()> {
    put_aside(context, robot, Some(operator)).await
}

async fn put_aside(context: &Context, robot: RobotId, by: Option<OperatorId>) -> Result<()> {
    let (now, day) = (context.clock.now(), context.clock.today());
    let txn = context.db.begin().await?;
    let robot = locked(&txn, robot).await?;
    if robot.status != RobotStatus::Blocked {
        repo::set_status(&txn, robot.id, RobotStatus::SetAside, now).await?;
    }
    capacity::remove_for_today(&txn, context, robot.id, day, Removal::SetAside).await?;
    if let Some(operator) = by {
        let detail = json!({ "status": robot.status });
        audit::record(&txn, operator, "set_robot_aside", &subject(&robot), detail, now).await?;
    }
    txn.commit().await?;
    mirror::refresh(context, day, robot.id).await;
    Ok(())
}

/// Changes what is said of a robot, and today's counters with its lifetime. Naming what it is already changes nothing.
///
/// # Errors
/// 1403 naming the field; 1404 when there is no such robot.
pub async fn edit_by(
    context: &Context,
    operator: OperatorId,
    robot: RobotId,
    changes: Changes,
) -> Result<Robot> {
    changes.check()?;
    let (now, day) = (context.clock.now(), context.clock.today());
    let txn = context.db.begin().await?;
    let before = locked(&txn, robot).await?;
    let after = changes.applied_to(&before);
    let differences = differences(&before, &after);
    if differences.is_empty() {
        txn.rollback().await?;
        return Ok(before);
    }
    repo::describe(&txn, &after, now).await?;
    if after.count_threshold != before.count_threshold {
        capacity::resize(&txn, context, after.id, day).await?;
    }
    let detail = differences.into();
    audit::record(&txn, operator, "edit_robot", &subject(&after), detail, now).await?;
    txn.commit().await?;
    mirror::refresh(context, day, after.id).await;
    Ok(after)
}

/// Gives a robot that was set aside back to service; it is offered at once, unless it is out for today for another
/// reason. One that is in service stays so.
///
/// # Errors
/// 1404 when there is no such robot; 2004 when the chat network blocked it: then the network gives it back.
pub async fn return_by(context: &Context, operator: OperatorId, robot: RobotId) -> Result<Robot> {
    let (now, day) = (context.clock.now(), context.clock.today());
    let txn = context.db.begin().await?;
    let mut robot = locked(&txn, robot).await?;
    if robot.status == RobotStatus::Blocked {
        return Err(Error::new(
            Code::NotPossible,
            "the chat network blocked the robot; it comes back when the network replaces it",
        ));
    }
    capacity::open_day(&txn, context, day).await?;
    let lifted = capacity::lift_removal(&txn, robot.id, day, Removal::SetAside).await?;
    if robot.status == RobotStatus::Allocatable && !lifted {
        txn.rollback().await?;
        return Ok(robot);
    }
    repo::set_status(&txn, robot.id, RobotStatus::Allocatable, now).await?;
    let detail = json!({ "status": robot.status });
    audit::record(&txn, operator, "return_robot", &subject(&robot), detail, now).await?;
    txn.commit().await?;
    mirror::refresh(context, day, robot.id).await;
    robot.status = RobotStatus::Allocatable;
    Ok(robot)
}

/// Deletes a robot that the caller has locked, and ended the groups of, and gives up what it was still to say. Part of
/// that transaction; the caller refreshes the mirror.
pub async fn delete(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    robot: &Robot,
    cancelled_groups: usize,
    now: DateTime<Utc>,
) -> Result<()> {
    repo::set_status(conn, robot.id, RobotStatus::Deleted, now).await?;
    let unsent = transport::give_up_sends(conn, &robot.code, "the robot is deleted", now).await?;
    let detail = json!({
        "code": robot.code, "status": robot.status, "cancelled_groups": cancelled_groups, "unsent_messages": unsent,
    });
    audit::record(conn, operator, "delete_robot", &subject(robot), detail, now).await
}

async fn locked(conn: &impl ConnectionTrait, robot: RobotId) -> Result<Robot> {
    let found = repo::lock_by_id(conn, robot).await?;
    found.ok_or_else(|| Error::not_found("robot"))
}

fn subject(robot: &Robot) -> String {
    format!("robot:{}", robot.id)
}
