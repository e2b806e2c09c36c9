//! The way to our pages, as themselves.

use super::super::command::{Command, Conversation};
use crate::notice::text;
use crate::robot::link;
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["1"],
    answer: |conversation| Box::pin(answer(conversation)),
};

async fn answer(conversation: &Conversation<'_>) -> Result<Vec<Message>> {
    let link = link::home(conversation.context, conversation.user.id, conversation.now)?;
    Ok(vec![conversation.confide(text::robot::home(&link))?])
}
