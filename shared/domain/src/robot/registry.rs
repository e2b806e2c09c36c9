//! Which robots there are: taken into service and set aside by operators and partners.

use super::model::{ALLOCATABLE, BLOCKED, Removal, Robot, SET_ASIDE};
use super::{capacity, mirror, repo};
use kernel::Context;
use kernel::audit;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, RobotId};
use transport::RobotCode;

/// A robot to register.
#[derive(Debug, Clone, serde::Deserialize)]
#[allow(missing_docs)]
pub struct NewRobot {
    pub code: RobotCode,
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
    pub channel: Option<String>,
    pub count_threshold: i32,
}

/// Takes a robot into service; it is offered at once.
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
    for (field, value) in [("code", new.code.as_str()), ("name", &new.name)] {
        if value.trim().is_empty() || value.len() > 255 || value.contains('\0') {
            return Err(Error::params(
                field,
                format!("`{field}` must have 1 to 255 bytes"),
            ));
        }
    }
    if !(0..=100_000).contains(&new.count_threshold) {
        return Err(Error::params("count_threshold", "must be from 0 to 100000"));
    }
    let (now, day) = (context.clock.now(), context.clock.today());
    let robot = Robot {
        id: RobotId::new(),
        code: new.code,
        name: new.name,
        wechat_no: new.wechat_no,
        head_url: new.head_url,
        qr_code: new.qr_code,
        channel: new.channel.filter(|channel| !channel.is_empty()),
        count_threshold: new.count_threshold,
        count_distribute: 0,
        status: ALLOCATABLE,
    };
    let txn = context.db.begin().await?;
    if !repo::insert(&txn, robot.clone(), now).await? {
        return Err(Error::new(
            Code::DuplicateRequest,
            "a robot with this code exists",
        ));
    }
    capacity::open_day(&txn, context, day).await?;
    if let Some(operator) = by {
        let detail = serde_json::json!({ "code": robot.code, "count_threshold": robot.count_threshold });
        let subject = format!("robot:{}", robot.id);
        audit::record(&txn, operator, "register_robot", &subject, detail, now).await?;
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
    let robot = repo::by_id(&txn, robot)
        .await?
        .ok_or_else(|| Error::not_found("robot"))?;
    let robot = repo::lock_by_code(&txn, &robot.code)
        .await?
        .ok_or_else(|| Error::not_found("robot"))?;
    if robot.status != BLOCKED {
        repo::set_status(&txn, robot.id, SET_ASIDE, now).await?;
    }
    capacity::remove_for_today(&txn, context, robot.id, day, Removal::SetAside).await?;
    if let Some(operator) = by {
        let subject = format!("robot:{}", robot.id);
        let detail = serde_json::json!({ "status": robot.status });
        audit::record(&txn, operator, "set_robot_aside", &subject, detail, now).await?;
    }
    txn.commit().await?;
    mirror::refresh(context, day, robot.id).await;
    Ok(())
}
