//! The previous system's Redis key of what users do on a day, for whoever looks at it: a hash of users, each with the JSON of
//! their counts. Written after commit from `activity_records`, made again when it was lost, never read for a decision.
//! Redis being away costs the mirror, nothing else.

use super::repo::{self, Counts};
use deadpool_redis::redis::Script;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::UserId;

/// Two days.
const LIFETIME_SECONDS: u32 = 2 * 24 * 3600;
/// Users a script call.
const BATCH: i64 = 500;

/// Writes users (id, page accesses, chats) into the hash. Counts only grow within a day, so of two the larger is newer.
/// Tells whether the hash was there before.
const WRITE: &str = r#"
local known = redis.call('EXISTS', KEYS[1])
for i = 2, #ARGV, 3 do
  local accesses, chats = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local before = redis.call('HGET', KEYS[1], ARGV[i])
  if before then
    local counts = cjson.decode(before)
    accesses = math.max(accesses, counts.access_web_counts)
    chats = math.max(chats, counts.chat_counts)
  end
  redis.call('HSET', KEYS[1], ARGV[i], string.format('{"access_web_counts":%d,"chat_counts":%d}', accesses, chats))
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return known"#;

/// The name of a day's hash.
fn key(day: BusinessDate) -> String {
    format!("GPET:USER_OPT_{day}")
}

/// Mirrors one user's counts. Who finds the hash gone has all of it made again, behind their back.
pub(super) async fn refresh(context: &Context, day: BusinessDate, counts: Counts) {
    match write(context, day, &[counts]).await {
        Ok(true) => {}
        Ok(false) => {
            let context = context.clone();
            tokio::spawn(async move { rebuild(&context, day).await });
        }
        Err(error) => given_up(&error),
    }
}

/// As [`refresh`], for the user with this chat code, with what is counted by now.
pub async fn refresh_activity(context: &Context, day: BusinessDate, user_code: &str) {
    match repo::counts_of(context.db.read(), user_code, day).await {
        Ok(Some(counts)) => refresh(context, day, counts).await,
        Ok(None) => {}
        Err(error) => given_up(&error),
    }
}

async fn rebuild(context: &Context, day: BusinessDate) {
    let mut after = UserId(uuid::Uuid::nil());
    loop {
        let written = match repo::counts_after(context.db.read(), day, after, BATCH).await {
            Ok(batch) if batch.is_empty() => return,
            Ok(batch) => {
                after = batch.last().map_or(after, |last| last.user_id);
                write(context, day, &batch).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            return given_up(&error);
        }
    }
}

fn given_up(error: &Error) {
    metrics::counter!("gpet_activity_mirror_failures_total").increment(1);
    tracing::warn!(error = %error.chain(), "the activity mirror in Redis was not written");
}

/// False when the hash was not there before.
async fn write(context: &Context, day: BusinessDate, users: &[Counts]) -> Result<bool> {
    let script = Script::new(WRITE);
    let mut call = script.prepare_invoke();
    call.key(key(day)).arg(LIFETIME_SECONDS);
    for user in users {
        call.arg(user.user_id.to_string())
            .arg(user.access_web_counts)
            .arg(user.chat_counts);
    }
    let known: i64 = context.cache.mirror(&call).await?;
    Ok(known == 1)
}
