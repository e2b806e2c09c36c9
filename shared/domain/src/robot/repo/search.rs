//! A search among robots.

use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST, begins};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Robots, deleted ones too, with exactly this code, WeChat number or id, then those whose name begins so. There are some
/// thousands of them at most.
pub async fn search(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    let begins = begins("name");
    let sql = format!("SELECT id, name AS title, code AS detail, code = $1 OR wechat_no = $1 OR name = $1 OR id = $2 IS TRUE AS exact
               FROM robots WHERE code = $1 OR wechat_no = $1 OR id = $2 OR {begins}
               ORDER BY exact DESC, name, created_at DESC, id LIMIT {MOST}");
    let values = [words.into(), Uuid::parse_str(words).ok().into()];
    db::fetch_all(conn, &sql, values).await
}
