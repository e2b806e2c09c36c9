//! Which run of a job a moment asks for.

use crate::clock::BusinessDate;
use crate::config::DailyTimes;
use chrono::{DateTime, Utc};

crate::named! {
    /// Which business date becomes due when a job's time of day comes.
    pub enum CoveredDate {
        /// The day that begins: work that opens or tends it.
        Today = "today",
        /// The day that has ended: work that closes it.
        Yesterday = "yesterday",
    }
}

/// Which run of a job: a business date, and which of the day's times it is for, counted from 1. In order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Slot {
    pub date: BusinessDate,
    pub number: i16,
}

impl Slot {
    /// The first of a date, and the only one for most jobs.
    pub fn first(date: BusinessDate) -> Self {
        Slot { date, number: 1 }
    }

    /// The newest whose time has come at `now`.
    pub fn newest_due(times: &DailyTimes, covers: CoveredDate, now: DateTime<Utc>) -> Self {
        let today = BusinessDate::of(now);
        let (day, number) = match come(times, today, now) {
            0 => (today.minus_days(1), times.count()),
            number => (today, number),
        };
        let date = match covers {
            CoveredDate::Today => day,
            CoveredDate::Yesterday => day.minus_days(1),
        };
        Slot { date, number }
    }

    /// The one that a run by hand is for: the newest of this date whose time has come, or else the first.
    pub fn by_hand(times: &DailyTimes, covers: CoveredDate, date: BusinessDate, now: DateTime<Utc>) -> Self {
        let day = match covers {
            CoveredDate::Today => date,
            CoveredDate::Yesterday => date.plus_days(1),
        };
        let number = come(times, day, now).max(1);
        Slot { date, number }
    }
}

/// When the next time of day comes.
pub fn next_at(times: &DailyTimes, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = BusinessDate::of(now);
    let days = [today, today.plus_days(1)];
    let mut instants = days
        .iter()
        .flat_map(|day| times.times().iter().map(|time| day.at(*time)));
    instants.find(|instant| *instant > now)
}

/// How many of a day's times have come.
fn come(times: &DailyTimes, day: BusinessDate, now: DateTime<Utc>) -> i16 {
    let come = times.times().iter().filter(|time| day.at(**time) <= now);
    i16::try_from(come.count()).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str) -> DailyTimes {
        DailyTimes::try_from(text.to_owned()).unwrap()
    }

    fn due(now: &str, covers: CoveredDate) -> (String, i16) {
        let newest = Slot::newest_due(&times("02:00, 14:00"), covers, now.parse().unwrap());
        (newest.date.to_string(), newest.number)
    }

    #[test]
    fn a_slot_is_due_from_its_time_in_shanghai_on() {
        let slot = |date: &str, number| (date.to_owned(), number);
        assert_eq!(
            due("2026-11-21T17:59:59Z", CoveredDate::Today),
            slot("2026-11-21", 2)
        );
        assert_eq!(
            due("2026-11-21T18:00:00Z", CoveredDate::Today),
            slot("2026-11-22", 1)
        );
        assert_eq!(
            due("2026-11-22T06:00:00Z", CoveredDate::Today),
            slot("2026-11-22", 2)
        );
        assert_eq!(
            due("2026-11-21T17:59:59Z", CoveredDate::Yesterday),
            slot("2026-11-20", 2)
        );
        assert_eq!(
            due("2026-11-21T18:00:00Z", CoveredDate::Yesterday),
            slot("2026-11-21", 1)
        );
    }

    #[test]
    fn the_next_run_is_the_next_time_that_has_not_come() {
        let times = times("02:00, 14:00");
        let next = |now: &str| next_at(&times, now.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(next("2026-11-21T17:59:59Z"), "2026-11-21T18:00:00+00:00");
        assert_eq!(next("2026-11-21T18:00:00Z"), "2026-11-22T06:00:00+00:00");
        assert_eq!(next("2026-11-22T06:00:00Z"), "2026-11-22T18:00:00+00:00");
    }

    #[test]
    fn a_run_by_hand_is_for_the_newest_slot_that_has_come() {
        let now = "2026-11-21T18:00:00Z".parse().unwrap();
        let number = |date: &str, covers| {
            Slot::by_hand(&times("02:00, 14:00"), covers, date.parse().unwrap(), now).number
        };
        assert_eq!(number("2026-11-21", CoveredDate::Today), 2);
        assert_eq!(number("2026-11-22", CoveredDate::Today), 1);
        assert_eq!(number("2026-11-23", CoveredDate::Today), 1);
        assert_eq!(number("2026-11-21", CoveredDate::Yesterday), 1);
    }
}
