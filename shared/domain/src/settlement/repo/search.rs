//! A search among runs and batches: by id, or by the settle date, which is what people call them by.

use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

/// Runs with this id or of this settle date.
pub async fn search_runs(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    let sql = "SELECT id, kind || ' · ' || settle_date AS title, batch_no || ' · ' || total AS detail, true AS exact
               FROM settlement_runs WHERE id = $1 OR settle_date = $2
               ORDER BY settle_date DESC, kind DESC, batch_no, id LIMIT $3";
    find(conn, sql, words).await
}

/// Batches of ad revenue with this id or of this settle date.
pub async fn search_batches(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    let sql = "SELECT id, settle_date::text AS title, batch_no || ' · ' || source AS detail, true AS exact
               FROM ad_batches WHERE id = $1 OR settle_date = $2
               ORDER BY settle_date DESC, batch_no, id LIMIT $3";
    find(conn, sql, words).await
}

async fn find(conn: &impl ConnectionTrait, sql: &str, words: &str) -> Result<Vec<Found>> {
    let (id, date) = (Uuid::parse_str(words).ok(), words.parse::<BusinessDate>().ok());
    if id.is_none() && date.is_none() {
        return Ok(Vec::new());
    }
    let values: [Value; 3] = [id.into(), date.into(), MOST.into()];
    db::fetch_all(conn, sql, values).await
}
