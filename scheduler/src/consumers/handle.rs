//! Which room an event belongs to.

use chrono::{DateTime, Utc};
use domain::group;
use domain::messaging;
use domain::robot::{self, events};
use kernel::{Context, Result};
use sea_orm::DatabaseTransaction;
use transport::RobotEvent;

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
        RobotEvent::PrivateMessage(message) => messaging::private_message(txn, context, message, now).await,
        RobotEvent::RobotAdded(added) => {
            let Some(user) = events::robot_added(txn, context, added, now).await? else {
                return robot::deleted_or(txn, &added.robot_code, "unknown robot").await;
            };
            group::user_arrived(txn, context, &user, now).await?;
            Ok("befriended")
        }
        RobotEvent::RobotJoinFailed(failed) => events::robot_join_failed(txn, context, failed, now).await,
        RobotEvent::AbnormalRobot(abnormal) => {
            let code = &abnormal.robot_code;
            let Some(blocked) = events::abnormal_robot(txn, context, code, now).await? else {
                return robot::deleted_or(txn, code, "blocked before or unknown").await;
            };
            group::robot_blocked(txn, blocked, now).await?;
            Ok("blocked")
        }
        RobotEvent::AbnormalRobotReplaced(replaced) => {
            events::abnormal_robot_replaced(txn, context, replaced, now).await
        }
        RobotEvent::GroupMessage(message) => group::message(txn, message, now).await,
        RobotEvent::GroupMembers(lists) => group::members(txn, lists, now).await,
        RobotEvent::JoinGroup(change) => group::joined(txn, change, now).await,
        RobotEvent::DropOutGroup(change) => group::left(txn, change, now).await,
        RobotEvent::WaitForBind(binding) => group::wait_for_bind(txn, context, binding, now).await,
        RobotEvent::BindGroupSuccess(binding) => group::bind_succeeded(txn, context, binding, now).await,
        RobotEvent::UnbindGroupSuccess(unbound) => group::unbound(txn, unbound, now).await,
        RobotEvent::RobotKicked(kicked) => group::kicked(txn, kicked, now).await,
        RobotEvent::GroupInfo(info) => group::group_info(txn, info, now).await,
        RobotEvent::Unknown(_) => Ok("kept"),
    }
}
