//! Telling the delivery system what became of a task, group by group.

use super::repo;
use kernel::Context;
use kernel::error::Result;
use kernel::outbox::{self, Message};
use partners::launch::LaunchCall;
use transport::GroupCode;

/// Groups whose results are told in one transaction.
const REPORTED: i64 = 500;
/// The message that tells of one group.
pub(super) fn result(task: &str, group_code: &GroupCode, sent: bool) -> Result<Message> {
    LaunchCall::Result {
        task: task.to_owned(),
        group_code: group_code.to_string(),
        sent,
    }
    .into_message()
}

/// Tells the delivery system of groups all of whose messages have ended, each once, and how many that were. To be called
/// every few seconds; several callers do not disturb each other.
pub async fn report(context: &Context) -> Result<usize> {
    let mut total = 0;
    loop {
        let now = context.clock.now();
        let conn = context.db.begin().await?;
        let ended = repo::settle(&conn, now, REPORTED).await?;
        let calls = ended
            .iter()
            .map(|group| result(&group.task_id, &group.group_code, group.sent))
            .collect::<Result<Vec<_>>>()?;
        outbox::push(&conn, now, calls).await?;
        conn.commit().await?;
        total += ended.len();
        if ended.len() < REPORTED as usize {
            return Ok(total);
        }
    }
}
