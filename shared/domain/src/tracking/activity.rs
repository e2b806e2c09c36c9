//! The active-user log: what each user did per business day.

use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
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

/// What users did on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct DayActivity {
    /// Users who did anything.
    pub users: i64,
    /// Pages they opened.
    pub accesses: i64,
    /// Messages they wrote.
    pub chats: i64,
}

/// What the date saw. A day's log needs no copying: it is written where it stays.
///
/// # Errors
/// What PostgreSQL says.
pub async fn of_day(context: &Context, date: BusinessDate) -> Result<DayActivity> {
    let sql = "SELECT count(*) AS users, coalesce(sum(access_web_counts), 0)::bigint AS accesses,
                      coalesce(sum(chat_counts), 0)::bigint AS chats
               FROM activity_records WHERE day = $1";
    db::fetch_one(context.db.read(), sql, [date.into()]).await
}
