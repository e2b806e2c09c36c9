//! Whether the robot can still open groups today, or who can.

use super::super::command::{Command, Conversation};
use crate::notice::text;
use crate::robot::companion;
use crate::robot::{Choice, choose_for_user};
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["6"],
    answer: |conversation| Box::pin(answer(conversation)),
};

async fn answer(conversation: &Conversation<'_>) -> Result<Vec<Message>> {
    let (robot, user) = (conversation.robot, conversation.user);
    match choose_for_user(
        conversation.conn,
        conversation.context,
        user,
        Some(robot),
        conversation.day(),
        conversation.now,
    )
    .await?
    {
        Choice::Current(_) => Ok(vec![conversation.say(text::robot::can_still_open())?]),
        other => companion::push(
            &robot.code,
            conversation.user_code,
            other,
            text::robot::ask_my_companion,
        ),
    }
}
