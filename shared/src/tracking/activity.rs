//! The active-user log: what each user did per business day, 7.8.

use crate::kernel::clock::BusinessDate;
use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::UserId;
use sea_orm::ConnectionTrait;

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
