//! The way to our pages, as themselves.

use super::super::command::{Command, Talk};
use crate::notice::text;
use crate::robot::link;
use kernel::error::Result;
use kernel::outbox::Message;

pub(in super::super) const COMMAND: Command = Command {
    words: &["1"],
    answer: |talk| Box::pin(answer(talk)),
};

async fn answer(talk: &Talk<'_>) -> Result<Vec<Message>> {
    let link = link::home(talk.context, talk.user.id, talk.now)?;
    Ok(vec![talk.confide(text::robot::home(&link))?])
}
