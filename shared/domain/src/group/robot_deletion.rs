//! An operator deletes a robot, and its groups end with it.

use super::repo::stays;
use super::unbind;
use crate::robot::{self as robots, mirror, registry};
use kernel::Context;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, RobotId};
use serde_json::json;

/// Deletes a robot. Its groups end at once, since nobody would be left to look after them or to hear of their end; the
/// gateway is told of each. A bind under way is undone when the gateway reports it.
///
/// # Errors
/// 1404 when there is no such robot; 2004 with the number of groups in `data.active_groups` when it is in some and they
/// were not to be cancelled.
pub async fn delete_robot(
    context: &Context,
    operator: OperatorId,
    robot: RobotId,
    cancel_groups: bool,
) -> Result<()> {
    let now = context.clock.now();
    let conn = context.db.begin().await?;
    let robot = robots::lock_by_id(&conn, robot)
        .await?
        .ok_or_else(|| Error::not_found("robot"))?;
    let active = stays::count_of_robot(&conn, robot.id).await?;
    if active > 0 && !cancel_groups {
        let refused = Error::new(Code::NotPossible, "the robot is in groups");
        return Err(refused.with_data(json!({ "active_groups": active })));
    }
    let ended = unbind::robot_deleted(&conn, robot.id, now).await?;
    registry::delete(&conn, operator, &robot, ended, now).await?;
    conn.commit().await?;
    mirror::refresh(context, context.clock.today(), robot.id).await;
    Ok(())
}
