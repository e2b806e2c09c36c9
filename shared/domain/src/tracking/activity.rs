//! The active-user log: what each user did per business day, 7.8.

use super::housekeeping;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use kernel::partitions;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// Notes that a user wrote to a robot.
///
/// # Errors
/// What PostgreSQL says.
pub async fn chatted(conn: &impl ConnectionTrait, user: UserId, day: BusinessDate) -> Result<()> {
    let sql = "INSERT INTO activity_records AS record (user_id, day, chat_counts) VALUES ($1, $2, 1)
               ON CONFLICT (user_id, day) DO UPDATE SET chat_counts = record.chat_counts + 1";
    db::execute(conn, sql, [user.into(), day.into()])
        .await
        .map(|_| ())
}

/// What users did on a day, and what was cleared away with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flushed {
    /// Users who did anything.
    pub users: i64,
    /// Pages they opened.
    pub accesses: i64,
    /// Messages they wrote.
    pub chats: i64,
    /// Delivered messages of the outbox that were old enough to go.
    pub outbox_pruned: u64,
    /// Handled messages of the inbox that were old enough to go.
    pub inbox_pruned: u64,
    /// Uses of links that were old enough to go.
    pub link_uses_pruned: u64,
    /// Months of the books that were old enough for the archive.
    pub archived: Vec<BusinessDate>,
}

#[derive(FromQueryResult)]
struct Counts {
    users: i64,
    accesses: i64,
    chats: i64,
}

/// The job flush_activity, 7.8. A day's log needs no copying: it is written where it stays. So the job tells what the
/// date saw, and clears away what the day's traffic left behind a week ago.
///
/// # Errors
/// What PostgreSQL says; what was cleared away until then stays so.
pub async fn flush(context: &Context, date: BusinessDate) -> Result<Flushed> {
    let (conn, now) = (context.db.read(), context.clock.now());
    let sql = "SELECT count(*) AS users, coalesce(sum(access_web_counts), 0)::bigint AS accesses,
                      coalesce(sum(chat_counts), 0)::bigint AS chats
               FROM activity_records WHERE day = $1";
    let counts: Counts = db::fetch_one(conn, sql, [date.into()]).await?;
    Ok(Flushed {
        users: counts.users,
        accesses: counts.accesses,
        chats: counts.chats,
        outbox_pruned: housekeeping::prune_outbox(conn, now).await?,
        inbox_pruned: housekeeping::prune_inbox(conn, now).await?,
        link_uses_pruned: housekeeping::prune_link_uses(conn, now).await?,
        archived: partitions::archive(&context.db, BusinessDate::of(now)).await?,
    })
}
