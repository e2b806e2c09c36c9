//! What a search finds in a room.

use sea_orm::FromQueryResult;
use uuid::Uuid;

/// The most that a room names.
pub const MOST: i64 = 5;

/// Whether a column begins with `$1`, as an index by `COLLATE "C"` serves it whatever the words: in that order the first few
/// are found without the others. LIKE needs the words to plan.
pub fn begins(column: &str) -> String {
    // The last character there is.
    format!(r#"{column} COLLATE "C" >= $1 AND {column} COLLATE "C" < ($1 || chr(1114111))"#)
}

/// A row that the words fit.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Found {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// What tells it from others of its name.
    pub detail: String,
    /// Whether the words name it, rather than what begins with them.
    pub exact: bool,
}
