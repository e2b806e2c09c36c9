//! A search among users.

use crate::identity::model::UserStatus;
use crate::identity::phone::Phone;
use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST, begins};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    nickname: String,
    code: Option<String>,
    phone: Option<String>,
    exact: bool,
}

/// Users who are not deleted with exactly this phone, code, union_id, open_id or id, then those whose nickname begins so.
/// Phones are shown without their middle, WeChat's ids not at all.
pub async fn search(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    // Each way by itself: each has an index of its own. Status and limit are written out, for the planner to know them.
    let (begins, deleted) = (begins("nickname"), UserStatus::Deleted);
    let sql = format!("SELECT id, nickname, code, phone, bool_or(exact) AS exact
               FROM ((SELECT id, nickname, code, phone, created_at, true AS exact FROM users
                      WHERE (phone = $1 OR code = $1 OR union_id = $1 OR open_id = $1 OR id = $2) AND status <> {deleted})
                     UNION ALL
                     (SELECT id, nickname, code, phone, created_at, nickname = $1 AS exact FROM users
                      WHERE {begins} AND status <> {deleted} ORDER BY nickname COLLATE \"C\" LIMIT {MOST})) AS found
               GROUP BY id, nickname, code, phone, created_at
               ORDER BY bool_or(exact) DESC, nickname, created_at DESC, id LIMIT {MOST}");
    let values = [words.into(), Uuid::parse_str(words).ok().into()];
    let rows: Vec<Row> = db::fetch_all(conn, &sql, values).await?;
    let found = |row: Row| {
        let phone = row
            .phone
            .and_then(|phone| phone.parse::<Phone>().ok())
            .map(|phone| phone.to_string());
        let known_by: Vec<String> = row.code.into_iter().chain(phone).collect();
        Found {
            id: row.id,
            title: row.nickname,
            detail: known_by.join(" · "),
            exact: row.exact,
        }
    };
    Ok(rows.into_iter().map(found).collect())
}
