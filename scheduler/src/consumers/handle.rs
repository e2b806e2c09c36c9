//! Which room an event belongs to.

use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use shared::robot::{events, menu};
use shared::transport::RobotEvent;
use shared::{Context, Result};

/// Handles an event within the transaction that marks it handled. Answers in a few words what came of it.
///
/// # Errors
/// Transient ones are worth another try, others are not.
pub async fn handle(
    txn: &DatabaseTransaction,
    context: &Context,
    event: &RobotEvent,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    match event {
        RobotEvent::PrivateMessage(message) => menu::private_message(txn, context, message, now).await,
        RobotEvent::RobotAdded(added) => {
            events::robot_added(txn, context, added, now).await?;
            Ok("befriended")
        }
        RobotEvent::RobotJoinFailed(failed) => events::robot_join_failed(txn, context, failed, now).await,
        RobotEvent::AbnormalRobot(robot) => {
            let blocked = events::abnormal_robot(txn, context, &robot.robot_code, now).await?;
            Ok(blocked.map_or("blocked before or unknown", |_| "blocked"))
        }
        RobotEvent::AbnormalRobotReplaced(replaced) => {
            events::abnormal_robot_replaced(txn, replaced, now).await
        }
        RobotEvent::GroupMessage(_)
        | RobotEvent::GroupMembers(_)
        | RobotEvent::JoinGroup(_)
        | RobotEvent::DropOutGroup(_)
        | RobotEvent::WaitForBind(_)
        | RobotEvent::BindGroupSuccess(_)
        | RobotEvent::UnbindGroupSuccess(_)
        | RobotEvent::RobotKicked(_)
        | RobotEvent::GroupInfo(_)
        | RobotEvent::Unknown(_) => Ok("kept"),
    }
}
