//! A search among withdrawals.

use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Withdrawals with exactly this merchant bill number or id.
pub async fn search(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    let sql = "SELECT id, bill_no AS title, amount || ' · ' || state AS detail, true AS exact
               FROM withdrawals WHERE bill_no = $1 OR id = $2 ORDER BY created_at DESC, id LIMIT $3";
    let id = Uuid::parse_str(words).ok();
    db::fetch_all(conn, sql, [words.into(), id.into(), MOST.into()]).await
}
