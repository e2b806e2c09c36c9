//! Business dates that are asked for: a filter whose ends may be open, and a range that figures are counted by.

mod filter;
mod range;

pub use filter::{DateFilter, USUAL_DAYS, YEARS};
pub use range::DateRange;

use crate::clock::BusinessDate;
use poem_openapi::Object;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

/// The most days that are asked for at once where each is looked up.
pub const LONGEST_RANGE: u64 = 366;

/// Every date of a range with its first instant and that of the next: `date`, `start`, `next` of `day`, to stand after
/// FROM. Its `$1` and `$2` are the first and the last date, see [`DateRange::values`].
pub const DAYS: &str =
    "(SELECT date, date::timestamp AT TIME ZONE 'Asia/Shanghai' AS start, (date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS next
      FROM (SELECT $1::date + place AS date FROM generate_series(0, $2::date - $1::date) AS place) AS dates) AS day";

/// How many of something a date had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
pub struct DayCount {
    /// The date in Shanghai.
    pub date: BusinessDate,
    /// How many.
    pub count: i64,
}
