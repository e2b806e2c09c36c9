//! Whether the robot can still open groups today, or who can.

use super::super::command::{Command, Talk};
use crate::notice::text;
use crate::robot::companion;
use crate::robot::{Choice, choose_for_user};
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["6"],
    answer: |talk| Box::pin(answer(talk)),
};

async fn answer(talk: &Talk<'_>) -> Result<Vec<Message>> {
    let (robot, user) = (talk.robot, talk.user);
    match choose_for_user(talk.conn, talk.context, user, Some(robot), talk.day(), talk.now).await? {
        Choice::Current(_) => Ok(vec![talk.say(text::robot::can_still_open())?]),
        other => companion::push(&robot.code, talk.user_code, other, text::robot::ask_my_companion),
    }
}
