//! What there is to say.

use super::super::command::{Command, Talk};
use crate::notice::text;
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["菜单"],
    answer: |talk| Box::pin(answer(talk)),
};

async fn answer(talk: &Talk<'_>) -> Result<Vec<Message>> {
    Ok(vec![talk.say(text::robot::menu())?])
}
