//! Ranges of business dates, for figures by day.

use crate::clock::BusinessDate;
use crate::error::{Error, Result};
use poem_openapi::Object;
use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, Serialize};

/// Every date of a range with its first instant and that of the next: `date`, `start`, `next` of `day`, to stand after
/// FROM. Its `$1` and `$2` are the first and the last date, see [`DateRange::values`].
pub const DAYS: &str =
    "(SELECT date, date::timestamp AT TIME ZONE 'Asia/Shanghai' AS start, (date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS next
      FROM (SELECT $1::date + place AS date FROM generate_series(0, $2::date - $1::date) AS place) AS dates) AS day";

/// Dates from one to another, both among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    from: BusinessDate,
    to: BusinessDate,
}

impl DateRange {
    /// The dates from `from` to `to`, at most so many.
    ///
    /// # Errors
    /// 1403 naming `from` where it is after `to` or the range is longer.
    pub fn new(from: BusinessDate, to: BusinessDate, longest: u64) -> Result<DateRange> {
        if from > to {
            return Err(Error::params("from", "must not be after `to`"));
        }
        if to.minus_days(longest.saturating_sub(1)) > from {
            let message = format!("at most {longest} dates at once");
            return Err(Error::params("from", message));
        }
        Ok(DateRange { from, to })
    }

    /// The first date.
    pub fn from(self) -> BusinessDate {
        self.from
    }

    /// The last date.
    pub fn to(self) -> BusinessDate {
        self.to
    }

    /// All of them, in order.
    pub fn days(self) -> impl Iterator<Item = BusinessDate> {
        let last = (self.to.date() - self.from.date()).num_days();
        (0..=last.unsigned_abs()).map(move |days| self.from.plus_days(days))
    }

    /// First and last date, as `$1` and `$2`.
    pub fn values(self) -> [Value; 2] {
        [self.from.into(), self.to.into()]
    }
}

/// How many of something a date had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
pub struct DayCount {
    /// The date in Shanghai.
    pub date: BusinessDate,
    /// How many.
    pub count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> Result<DateRange> {
        DateRange::new(from.parse().unwrap(), to.parse().unwrap(), 31)
    }

    #[test]
    fn a_range_has_an_end() {
        for (from, to) in [
            ("2026-11-01", "2026-11-01"),
            ("2026-10-01", "2026-10-31"),
            ("0001-01-01", "0001-01-01"),
        ] {
            let dates = range(from, to).unwrap();
            let days: Vec<BusinessDate> = dates.days().collect();
            assert_eq!((days[0], days[days.len() - 1]), (dates.from(), dates.to()));
        }
        for (from, to) in [
            ("2026-11-02", "2026-11-01"),
            ("2026-10-01", "2026-11-01"),
            ("0001-01-01", "9999-12-31"),
        ] {
            assert_eq!(range(from, to).unwrap_err().field.as_deref(), Some("from"));
        }
    }
}
