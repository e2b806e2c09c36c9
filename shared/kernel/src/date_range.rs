//! The business dates a question is about, both ends included.

use crate::clock::BusinessDate;
use crate::error::{Error, Result};

/// The most days that are asked for at once.
pub const LONGEST_RANGE: u64 = 366;

/// Business dates from one to another, both included; never more than [`LONGEST_RANGE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first.
    pub from: BusinessDate,
    /// The last.
    pub to: BusinessDate,
}

impl DateRange {
    /// What was asked for: without `to` up to `today`, without `from` so many days as are usual.
    ///
    /// # Errors
    /// 1403 naming `from` when it lies after `to`, or too long before it.
    pub fn new(
        from: Option<BusinessDate>,
        to: Option<BusinessDate>,
        today: BusinessDate,
        usual: u64,
    ) -> Result<Self> {
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| to.minus_days(usual.saturating_sub(1)));
        if from > to {
            return Err(Error::params("from", "must not be after `to`"));
        }
        if to > from.plus_days(LONGEST_RANGE - 1) {
            let message = format!("must be at most {LONGEST_RANGE} days before `to`, both included");
            return Err(Error::params("from", message));
        }
        Ok(DateRange { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> BusinessDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let today = date("2026-11-22");
        let range = |from: Option<&str>, to: Option<&str>| {
            let range = DateRange::new(from.map(date), to.map(date), today, 30);
            range.map(|range| (range.from.to_string(), range.to.to_string()))
        };
        let told = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(range(None, None).unwrap(), told("2026-10-24", "2026-11-22"));
        assert_eq!(
            range(None, Some("2026-03-01")).unwrap(),
            told("2026-01-31", "2026-03-01")
        );
        assert_eq!(
            range(Some("2025-11-22"), None).unwrap(),
            told("2025-11-22", "2026-11-22")
        );
        for wrong in [
            range(Some("2025-11-21"), None),
            range(Some("2026-11-23"), None),
            range(Some("0001-01-01"), Some("9999-12-31")),
        ] {
            assert_eq!(wrong.unwrap_err().field.as_deref(), Some("from"));
        }
    }

    proptest! {
        #[test]
        fn no_range_is_longer_than_allowed(from in 0u64..2_000, to in 0u64..2_000) {
            let first = date("2024-01-01");
            let (from, to) = (first.plus_days(from), first.plus_days(to));
            match DateRange::new(Some(from), Some(to), to, 30) {
                Ok(range) => prop_assert!(range.from <= range.to && range.to < range.from.plus_days(LONGEST_RANGE)),
                Err(_) => prop_assert!(from > to || to >= from.plus_days(LONGEST_RANGE)),
            }
        }
    }
}
