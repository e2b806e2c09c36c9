//! The dates somebody asks for.

use super::range::DateRange;
use crate::clock::BusinessDate;
use crate::error::{Error, Result};
use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ColumnTrait, Condition};

/// The first and last year anybody asks for.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// How many days are shown to somebody who does not say how many.
pub const USUAL_DAYS: u64 = 30;

/// From one date to another, both included; either may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateFilter {
    /// This date or later.
    pub from: Option<BusinessDate>,
    /// This date or before.
    pub to: Option<BusinessDate>,
}

impl DateFilter {
    /// Checks what the client asked for; the fields are called so.
    ///
    /// # Errors
    /// 1403 naming the first date where it is after the second, or the one whose year cannot be meant.
    pub fn new(
        (first, from): (&'static str, Option<BusinessDate>),
        (last, to): (&'static str, Option<BusinessDate>),
    ) -> Result<Self> {
        for (field, date) in [(first, from), (last, to)] {
            if date.is_some_and(|date| !YEARS.contains(&date.date().year())) {
                return Err(Error::params(field, "must be in the years 2000 to 2199"));
            }
        }
        match (from, to) {
            (Some(from), Some(to)) if from > to => {
                Err(Error::params(first, format!("must not be after `{last}`")))
            }
            _ => Ok(DateFilter { from, to }),
        }
    }

    /// One date.
    pub fn only(date: BusinessDate) -> Self {
        DateFilter {
            from: Some(date),
            to: Some(date),
        }
    }

    /// The dates that are meant, where only so many can be asked for at once: without `to` up to `today`, without `from`
    /// [`USUAL_DAYS`].
    ///
    /// # Errors
    /// 1403 naming `from` where it is after `to` or the range is longer than `longest`.
    pub fn range(self, today: BusinessDate, longest: u64) -> Result<DateRange> {
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| to.minus_days(USUAL_DAYS - 1));
        DateRange::new(from, to, longest)
    }

    /// The first instant in it.
    pub fn since(self) -> Option<DateTime<Utc>> {
        self.from.map(BusinessDate::start)
    }

    /// The first instant after it.
    pub fn until(self) -> Option<DateTime<Utc>> {
        self.to.map(|date| date.plus_days(1).start())
    }

    /// Instants of this column that are in it.
    pub fn instants(self, column: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.since().map(|since| column.gte(since)))
            .add_option(self.until().map(|until| column.lt(until)))
    }

    /// Business dates of this column that are in it.
    pub fn dates(self, column: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.from.map(|from| column.gte(from)))
            .add_option(self.to.map(|to| column.lte(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(from: &str, to: &str) -> Result<DateFilter> {
        let date = |text: &str| text.parse().ok();
        DateFilter::new(("from", date(from)), ("to", date(to)))
    }

    #[test]
    fn both_ends_are_in() {
        let day = dates("2026-11-21", "2026-11-21").unwrap();
        assert_eq!(day.since().unwrap().to_rfc3339(), "2026-11-20T16:00:00+00:00");
        assert_eq!(day.until().unwrap().to_rfc3339(), "2026-11-21T16:00:00+00:00");
        assert_eq!(dates("", "").unwrap(), DateFilter::default());
    }

    #[test]
    fn what_cannot_be_meant_names_its_field() {
        for (from, to, field) in [
            ("2026-11-22", "2026-11-21", "from"),
            ("1999-12-31", "", "from"),
            ("2026-11-21", "2200-01-01", "to"),
        ] {
            let error = dates(from, to).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{from} {to}");
        }
        assert!(dates("2000-01-01", "2199-12-31").is_ok());
    }

    fn date(text: &str) -> BusinessDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let today = date("2026-11-22");
        let range = |from: Option<&str>, to: Option<&str>| {
            let range = DateFilter {
                from: from.map(date),
                to: to.map(date),
            }
            .range(today, 366);
            range.map(|range| (range.from().to_string(), range.to().to_string()))
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
}
