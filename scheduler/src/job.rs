//! A dated job: a value with a name and a function of a business date. The cron library is only an alarm clock.

use crate::outside::Outside;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::job_run::{self, Fence, Slot};
use kernel::{Context, Error, Result};
use partners::Partners;
use serde_json::Value;
use transport::Transports;

/// Which business date becomes due when the job's time of day comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// The day that begins: work that opens or tends it.
    Today,
    /// The day that has ended: work that closes it.
    Yesterday,
}

/// What a run is given beside its date.
pub struct JobContext<'a> {
    /// Configuration, clock, stores.
    pub context: &'a Context,
    /// What is outside of our stores, where the process was given any of it.
    pub outside: Option<&'a Outside>,
    /// The claim; none for a dry run.
    pub fence: Option<&'a Fence>,
    /// Do everything, change nothing.
    pub dry_run: bool,
    /// Let a date that has not ended be settled.
    pub allow_open_day: bool,
}

impl JobContext<'_> {
    /// The clients of other systems.
    ///
    /// # Errors
    /// 1500 in a process that has none.
    pub fn partners(&self) -> Result<&Partners> {
        Ok(&self.outside()?.partners)
    }

    /// The ways to the chat networks.
    ///
    /// # Errors
    /// 1500 in a process that has none.
    pub fn transports(&self) -> Result<&Transports> {
        Ok(&self.outside()?.transports)
    }

    fn outside(&self) -> Result<&Outside> {
        self.outside
            .ok_or_else(|| Error::internal("this process has no clients of other systems"))
    }
}

/// A dated job.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name, as in `job_runs` and on the command line.
    fn name(&self) -> &'static str;

    /// At which times of a day it becomes due, each once.
    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes;

    /// Which date becomes due then.
    fn covers(&self) -> Covers;

    /// Whether all that must be done before this date is. Until then the date waits and is tried again.
    ///
    /// # Errors
    /// What PostgreSQL says.
    async fn may_start(&self, _context: &Context, _date: BusinessDate) -> Result<bool> {
        Ok(true)
    }

    /// Makes dates due. By itself: every slot of every date up to the newest whose time has come.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let times = self.times(&context.config.jobs);
        let newest = newest_due(times, self.covers(), now);
        job_run::make_due(context.db.read(), self.name(), newest, times.count(), now).await
    }

    /// Does the work of a date, once for each of its slots. Doing it again changes nothing. What it returns is shown to operators.
    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value>;
}

/// The newest slot of a job that is due at `now`.
pub(crate) fn newest_due(times: &DailyTimes, covers: Covers, now: DateTime<Utc>) -> Slot {
    let today = BusinessDate::of(now);
    let (day, number) = match come(times, today, now) {
        0 => (today.minus_days(1), times.count()),
        number => (today, number),
    };
    let date = match covers {
        Covers::Today => day,
        Covers::Yesterday => day.minus_days(1),
    };
    Slot { date, number }
}

/// The slot that a run by hand is for: the newest of this date whose time has come, or else the first.
pub(crate) fn slot_by_hand(
    times: &DailyTimes,
    covers: Covers,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Slot {
    let day = match covers {
        Covers::Today => date,
        Covers::Yesterday => date.plus_days(1),
    };
    let number = come(times, day, now).max(1);
    Slot { date, number }
}

/// When the job's next time of day comes.
pub(crate) fn next_at(times: &DailyTimes, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
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
        text.to_owned().into()
    }

    fn due(now: &str, covers: Covers) -> (String, i16) {
        let newest = newest_due(&times("02:00, 14:00"), covers, now.parse().unwrap());
        (newest.date.to_string(), newest.number)
    }

    #[test]
    fn a_slot_is_due_from_its_time_in_shanghai_on() {
        let slot = |date: &str, number| (date.to_owned(), number);
        assert_eq!(due("2026-11-21T17:59:59Z", Covers::Today), slot("2026-11-21", 2));
        assert_eq!(due("2026-11-21T18:00:00Z", Covers::Today), slot("2026-11-22", 1));
        assert_eq!(due("2026-11-22T06:00:00Z", Covers::Today), slot("2026-11-22", 2));
        assert_eq!(
            due("2026-11-21T17:59:59Z", Covers::Yesterday),
            slot("2026-11-20", 2)
        );
        assert_eq!(
            due("2026-11-21T18:00:00Z", Covers::Yesterday),
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
            slot_by_hand(&times("02:00, 14:00"), covers, date.parse().unwrap(), now).number
        };
        assert_eq!(number("2026-11-21", Covers::Today), 2);
        assert_eq!(number("2026-11-22", Covers::Today), 1);
        assert_eq!(number("2026-11-23", Covers::Today), 1);
        assert_eq!(number("2026-11-21", Covers::Yesterday), 1);
    }
}
