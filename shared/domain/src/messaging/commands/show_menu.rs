//! What there is to say.

use super::super::command::{Command, Conversation};
use crate::notice::text;
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["菜单"],
    answer: |conversation| Box::pin(answer(conversation)),
};

async fn answer(conversation: &Conversation<'_>) -> Result<Vec<Message>> {
    Ok(vec![conversation.say(text::robot::menu())?])
}
