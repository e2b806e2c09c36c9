//! A range of business dates that has two ends.

use crate::clock::BusinessDate;
use crate::error::{Error, Result};
use sea_orm::Value;

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
            let message = format!("must be at most {longest} days before `to`, both included");
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn no_range_is_longer_than_allowed(from in 0u64..2_000, to in 0u64..2_000, longest in 1u64..400) {
            let first: BusinessDate = "2024-01-01".parse().unwrap();
            let (from, to) = (first.plus_days(from), first.plus_days(to));
            match DateRange::new(from, to, longest) {
                Ok(range) => prop_assert!(range.from() <= range.to() && range.to() < range.from().plus_days(longest)),
                Err(_) => prop_assert!(from > to || to >= from.plus_days(longest)),
            }
        }
    }
}
