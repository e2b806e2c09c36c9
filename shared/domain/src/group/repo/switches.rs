//! Delivery switches.

use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// Which of these codes are groups of the user that are not cancelled.
pub(in super::super) async fn owned(
    conn: &impl ConnectionTrait,
    user: UserId,
    codes: Vec<String>,
) -> Result<Vec<String>> {
    let sql = "SELECT code FROM groups WHERE user_id = $1 AND code = ANY($2) AND cancelled_at IS NULL";
    db::fetch_column(conn, sql, [user.into(), codes.into()]).await
}

/// Turns delivery of these groups on or off, as the delivery system has.
pub(in super::super) async fn set(
    conn: &impl ConnectionTrait,
    switches: &[(String, bool)],
    now: DateTime<Utc>,
) -> Result<u64> {
    let (codes, on): (Vec<String>, Vec<bool>) = switches.iter().cloned().unzip();
    let sql = "UPDATE groups g SET launch_switch = new.on_, updated_at = $3
               FROM unnest($1::text[], $2::boolean[]) AS new (code, on_)
               WHERE g.code = new.code AND g.cancelled_at IS NULL AND g.launch_switch <> new.on_";
    db::execute(conn, sql, [codes.into(), on.into(), now.into()]).await
}
