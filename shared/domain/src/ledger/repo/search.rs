//! A search among postings.

use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST};
use sea_orm::ConnectionTrait;

/// The posting with exactly this key. By id they are not found: their table has no index of it.
pub async fn search(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    let sql = "SELECT id, key AS title, kind || ' · ' || booked_on AS detail, true AS exact
               FROM ledger_postings WHERE key = $1 ORDER BY booked_on DESC LIMIT $2";
    db::fetch_all(conn, sql, [words.into(), MOST.into()]).await
}
