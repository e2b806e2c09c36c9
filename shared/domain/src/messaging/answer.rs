//! Somebody said something to a robot.

use super::command::Conversation;
use super::menu;
use crate::identity;
use crate::robot;
use crate::tracking;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::outbox;
use sea_orm::DatabaseTransaction;
use transport::PrivateMessage;

/// The kind of message that is text.
const TEXT: i32 = 3;

/// Answers what is on the menu; everything else is only counted. Part of the transaction that handles the message.
pub async fn private_message(
    conn: &DatabaseTransaction,
    context: &Context,
    message: &PrivateMessage,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let Some(robot) = robot::by_code(conn, &message.robot_code).await? else {
        return robot::deleted_or(conn, &message.robot_code, "unknown robot").await;
    };
    let Some(user) = identity::by_code(conn, &message.user_code).await? else {
        return Ok("unknown user");
    };
    let conversation = Conversation {
        conn,
        context,
        robot: &robot,
        user: &user,
        user_code: &message.user_code,
        now,
    };
    tracking::chatted(conn, user.id, conversation.day()).await?;
    let said = match message.said.kind {
        TEXT => message.said.content.trim(),
        _ => "",
    };
    let Some(command) = menu::find(said) else {
        return Ok("kept");
    };
    let answer = (command.answer)(&conversation).await?;
    outbox::push(conn, now, answer).await?;
    Ok("answered")
}
