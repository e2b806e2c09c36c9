//! A search among groups.

use kernel::db;
use kernel::error::Result;
use kernel::found::{Found, MOST, begins};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Stays in the group with exactly this code, the newest first, or with this id, then those whose name begins so.
pub async fn search(conn: &impl ConnectionTrait, words: &str) -> Result<Vec<Found>> {
    // Each way by itself: each has an index of its own.
    let begins = begins("name");
    let sql = format!(
        "SELECT id, name AS title, code || ' · ' || (bound_at AT TIME ZONE 'Asia/Shanghai')::date AS detail,
                      bool_or(exact) AS exact
               FROM ((SELECT id, name, code, bound_at, true AS exact FROM groups
                      WHERE code = $1 ORDER BY bound_at DESC LIMIT {MOST})
                     UNION ALL (SELECT id, name, code, bound_at, true FROM groups WHERE id = $2)
                     UNION ALL (SELECT id, name, code, bound_at, name = $1 FROM groups
                                WHERE {begins} ORDER BY name COLLATE \"C\" LIMIT {MOST})) AS found
               GROUP BY id, name, code, bound_at
               ORDER BY bool_or(exact) DESC, name, bound_at DESC, id LIMIT {MOST}"
    );
    let values = [words.into(), Uuid::parse_str(words).ok().into()];
    db::fetch_all(conn, &sql, values).await
}
