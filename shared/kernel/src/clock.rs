//! Time, injected. Nothing else in the workspace asks for it.

use super::db;
use super::error::{Error, Result};
use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Utc,
};
use sea_orm::{ConnectionTrait, DbErr, DeriveValueType, TryFromU64};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// Asia/Shanghai, which has had no daylight saving since 1991.
pub const SHANGHAI: FixedOffset = FixedOffset::east_opt(8 * 3600).unwrap();

/// A calendar day in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct BusinessDate(NaiveDate);

impl BusinessDate {
    /// The business date an instant falls on.
    pub fn of(instant: DateTime<Utc>) -> Self {
        BusinessDate(instant.with_timezone(&SHANGHAI).date_naive())
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        self.0
    }

    /// The instant a wall clock in Shanghai shows this time on this date.
    pub fn at(self, time: NaiveTime) -> DateTime<Utc> {
        let local = NaiveDateTime::new(self.0, time);
        (local - TimeDelta::seconds(i64::from(SHANGHAI.local_minus_utc()))).and_utc()
    }

    /// Its first instant.
    pub fn start(self) -> DateTime<Utc> {
        self.at(NaiveTime::MIN)
    }

    /// The date so many days later.
    pub fn plus_days(self, days: u64) -> Self {
        BusinessDate(self.0.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX))
    }

    /// The date so many days earlier.
    pub fn minus_days(self, days: u64) -> Self {
        BusinessDate(self.0.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN))
    }

    /// The first day of the month so many months earlier.
    pub fn months_earlier(self, months: u32) -> Self {
        let first = self.month_start().0;
        BusinessDate(
            first
                .checked_sub_months(Months::new(months))
                .unwrap_or(NaiveDate::MIN),
        )
    }

    /// Refuses a date that has not begun.
    ///
    /// # Errors
    /// 1403 naming `date`.
    pub fn check_begun(self, today: BusinessDate) -> Result<()> {
        match self > today {
            true => Err(Error::params("date", format!("{self} is in the future"))),
            false => Ok(()),
        }
    }

    /// Refuses a date that has not ended.
    ///
    /// # Errors
    /// 1403 naming `date`.
    pub fn check_ended(self, today: BusinessDate) -> Result<()> {
        self.check_begun(today)?;
        match self == today {
            true => Err(Error::params("date", format!("{self} has not ended"))),
            false => Ok(()),
        }
    }

    /// The first day of its month.
    pub fn month_start(self) -> Self {
        BusinessDate(self.0.with_day(1).unwrap_or(self.0))
    }
}

impl From<NaiveDate> for BusinessDate {
    fn from(date: NaiveDate) -> Self {
        BusinessDate(date)
    }
}

/// No sequence ever makes one; entities ask for it of every part of a key.
impl TryFromU64 for BusinessDate {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("BusinessDate"))
    }
}

impl FromStr for BusinessDate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .map(BusinessDate)
            // Nothing that is written otherwise: a sign, a space, a digit missing.
            .filter(|date| text.len() == 10 && date.to_string() == text)
            .ok_or_else(|| Error::params("date", "must be a date like 2026-11-21"))
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl serde::Serialize for BusinessDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for BusinessDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|error: Error| serde::de::Error::custom(error.message))
    }
}

/// Where a component gets its time from.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Runs on from a given instant; for rehearsals.
    Shifted(TimeDelta),
    /// Stands until moved; for tests.
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Source::System)
    }

    /// A clock that shows `instant` now and runs on from there.
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        Clock(Source::Shifted(instant - machine_time()))
    }

    /// A clock that stands still until [`Clock::set`].
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Clock(Source::Fixed(Arc::new(Mutex::new(instant))))
    }

    /// Moves a fixed clock, and all its clones. No effect on the others.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Source::Fixed(shown) = &self.0 {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = instant;
        }
    }

    /// This instant.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => machine_time(),
            Source::Shifted(shift) => machine_time() + *shift,
            Source::Fixed(shown) => *shown.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The business date of this instant.
    pub fn today(&self) -> BusinessDate {
        BusinessDate::of(self.now())
    }

    /// The time all replicas agree on: the database's. Due dates and leases go by it. A shifted or fixed clock rules
    /// instead where one is set.
    ///
    /// # Errors
    /// When PostgreSQL is away.
    pub async fn shared_now(&self, conn: &impl ConnectionTrait) -> Result<DateTime<Utc>> {
        match &self.0 {
            Source::System => db::fetch_scalar::<DateTime<Utc>>(conn, "SELECT clock_timestamp()", [])
                .await?
                .ok_or_else(|| Error::internal("the database did not tell its time")),
            _ => Ok(self.now()),
        }
    }
}

#[allow(clippy::disallowed_methods)] // the one place that may
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

/// Reads a partner's time: `T` or a space between date and time, optional fraction, optional zone; without one, UTC+8.
/// None where it is no time, or one of a year that cannot be meant (before 1970, after 9999) and that not every store holds.
pub fn parse_partner_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replacen(' ', "T", 1);
    let instant = match DateTime::parse_from_rfc3339(&text) {
        Ok(zoned) => zoned.to_utc(),
        Err(_) => {
            let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            SHANGHAI.from_local_datetime(&local).single()?.to_utc()
        }
    };
    Some(instant).filter(|instant| (1970..=9999).contains(&instant.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_day_changes_at_midnight_in_shanghai() {
        let before: DateTime<Utc> = "2026-11-21T15:59:59.999Z".parse().unwrap();
        let after: DateTime<Utc> = "2026-11-21T16:00:00Z".parse().unwrap();
        assert_eq!(BusinessDate::of(before).to_string(), "2026-11-21");
        assert_eq!(BusinessDate::of(after).to_string(), "2026-11-22");
    }

    #[test]
    fn a_date_has_one_form() {
        assert!("2026-11-21".parse::<BusinessDate>().is_ok());
        for other in [
            "-026-11-21",
            "+2026-1-01",
            " 2026-1-01",
            "2026-1-001",
            "2026-11-1",
            "2026-11-31",
            "2026-11-21 ",
        ] {
            assert!(other.parse::<BusinessDate>().is_err(), "{other}");
        }
    }

    #[test]
    fn open_days_and_the_future_are_refused() {
        let today: BusinessDate = "2026-11-22".parse().unwrap();
        let field = |outcome: Result<()>| outcome.unwrap_err().field.unwrap().into_owned();
        assert!(today.minus_days(1).check_ended(today).is_ok());
        assert_eq!(field(today.check_ended(today)), "date");
        assert!(today.check_begun(today).is_ok());
        assert_eq!(field(today.plus_days(1).check_begun(today)), "date");
    }

    #[test]
    fn partner_times_are_read_in_every_documented_form() {
        for text in [
            "2019-03-01T10:20:30",
            "2019-03-01 10:20:30",
            "2019-03-01 10:20:30.000",
            "2019-03-01T02:20:30Z",
            "2019-03-01T10:20:30+08:00",
        ] {
            assert_eq!(
                parse_partner_time(text).unwrap().to_rfc3339(),
                "2019-03-01T02:20:30+00:00",
                "{text}"
            );
        }
        for text in [
            "yesterday",
            "292277026596",
            "+292277-01-01T00:00:00",
            "+262142-12-31T23:59:59Z",
            "-4800-01-01 00:00:00",
            "1969-01-01 00:00:00",
        ] {
            assert!(parse_partner_time(text).is_none(), "{text}");
        }
        assert!(parse_partner_time("2062-01-01 00:00:00").is_some());
    }

    #[test]
    fn a_fixed_clock_moves_with_its_clones() {
        let clock = Clock::fixed("2026-11-21T00:00:00Z".parse().unwrap());
        let clone = clock.clone();
        clock.set("2026-11-22T00:00:00Z".parse().unwrap());
        assert_eq!(clone.today().to_string(), "2026-11-22");
    }

    proptest! {
        #[test]
        fn a_date_contains_exactly_its_own_instants(seconds in 0i64..4_000_000_000) {
            let instant = DateTime::from_timestamp(seconds, 0).unwrap();
            let date = BusinessDate::of(instant);
            prop_assert!(date.start() <= instant && instant < date.plus_days(1).start());
            prop_assert_eq!(date.to_string().parse::<BusinessDate>().unwrap(), date);
        }
    }
}
