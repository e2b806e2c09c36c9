//! A dated job: a value with a name and a function of a business date. The cron library is only an alarm clock.

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::Value;
use shared::kernel::clock::BusinessDate;
use shared::kernel::config::JobsConfig;
use shared::kernel::job_run::{self, Fence};
use shared::partners::Partners;
use shared::{Context, Error, Result};
use std::sync::Arc;

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
    /// Clients of other systems, where the process was given any.
    pub partners: Option<&'a Arc<Partners>>,
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
        let partners = self.partners.map(Arc::as_ref);
        partners.ok_or_else(|| Error::internal("this process has no clients of other systems"))
    }
}

/// A dated job.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name, as in `job_runs` and on the command line.
    fn name(&self) -> &'static str;

    /// When on the day it becomes due, like `02:00`.
    fn time<'a>(&self, jobs: &'a JobsConfig) -> &'a str;

    /// Which date becomes due then.
    fn covers(&self) -> Covers;

    /// Whether all that must be done before this date is. Until then the date waits and is tried again.
    ///
    /// # Errors
    /// What PostgreSQL says.
    async fn may_start(&self, _context: &Context, _date: BusinessDate) -> Result<bool> {
        Ok(true)
    }

    /// Makes dates due. By itself: every date up to the newest whose time has come.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let newest = newest_due(self.time(&context.config.jobs), self.covers(), now)?;
        job_run::make_due(context.db.read(), self.name(), newest, now).await
    }

    /// Does the work of a date. Doing it again changes nothing. What it returns is shown to operators.
    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value>;
}

/// The newest date of a job that is due at `now`.
pub(crate) fn newest_due(time: &str, covers: Covers, now: DateTime<Utc>) -> Result<BusinessDate> {
    let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(Error::internal)?;
    let today = BusinessDate::of(now);
    let day = if now < today.at(time) {
        today.minus_days(1)
    } else {
        today
    };
    Ok(match covers {
        Covers::Today => day,
        Covers::Yesterday => day.minus_days(1),
    })
}

/// When the job's time of day comes next.
pub(crate) fn next_at(time: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(Error::internal)?;
    let today = BusinessDate::of(now);
    let next = if now < today.at(time) {
        today
    } else {
        today.plus_days(1)
    };
    Ok(next.at(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(now: &str, covers: Covers) -> String {
        newest_due("02:00", covers, now.parse().unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_date_is_due_from_its_time_in_shanghai_on() {
        assert_eq!(due("2026-11-21T17:59:59Z", Covers::Today), "2026-11-21");
        assert_eq!(due("2026-11-21T18:00:00Z", Covers::Today), "2026-11-22");
        assert_eq!(due("2026-11-21T17:59:59Z", Covers::Yesterday), "2026-11-20");
        assert_eq!(due("2026-11-21T18:00:00Z", Covers::Yesterday), "2026-11-21");
    }

    #[test]
    fn the_next_run_is_today_until_its_time_has_come() {
        let next = |now: &str| next_at("02:00", now.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(next("2026-11-21T17:59:59Z"), "2026-11-21T18:00:00+00:00");
        assert_eq!(next("2026-11-21T18:00:00Z"), "2026-11-22T18:00:00+00:00");
    }
}
