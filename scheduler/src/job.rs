//! A dated job: an entry of the catalogue with a function of a business date. The cron library is only an alarm clock.

use crate::connections::Connections;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::operations::job_catalogue::DatedJob;
use kernel::clock::BusinessDate;
use kernel::config::JobsConfig;
use kernel::job_run::{self, Fence, Slot};
use kernel::{Context, Error, Result};
use partners::Partners;
use serde_json::Value;
use transport::Transports;

/// What a run is given beside its date.
pub struct JobContext<'a> {
    /// Configuration, clock, stores.
    pub context: &'a Context,
    /// What is connections of our stores, where the process was given any of it.
    pub connections: Option<&'a Connections>,
    /// The claim; none for a dry run.
    pub fence: Option<&'a Fence>,
    /// Do everything, change nothing: no row, no message, no call of a partner.
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
        Ok(&self.connections()?.partners)
    }

    /// The ways to the chat networks.
    ///
    /// # Errors
    /// 1500 in a process that has none.
    pub fn transports(&self) -> Result<&Transports> {
        Ok(&self.connections()?.transports)
    }

    fn connections(&self) -> Result<&Connections> {
        self.connections
            .ok_or_else(|| Error::internal("this process has no clients of other systems"))
    }
}

/// A dated job.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name and calendar.
    fn listed(&self) -> &'static DatedJob;

    /// Its name, as in `job_runs` and on the command line.
    fn name(&self) -> &'static str {
        self.listed().name
    }

    /// The newest slot that may be worked on; what lies beyond waits for its time.
    fn last_slot(&self, jobs: &JobsConfig, now: DateTime<Utc>) -> Slot {
        let listed = self.listed();
        Slot::newest_due((listed.times)(jobs), listed.covers, now)
    }

    /// Whether all that must be done before this date is. Until then the date waits and is tried again.
    async fn may_start(&self, _context: &Context, _date: BusinessDate) -> Result<bool> {
        Ok(true)
    }

    /// Makes slots due. By itself: every slot of the job's calendar up to the last that has no run.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let jobs = &context.config.jobs;
        let (last, slots) = (self.last_slot(jobs, now), (self.listed().times)(jobs).count());
        job_run::make_due(context.db.autocommit(), self.name(), last, slots, now).await
    }

    /// Does the work of a date, once for each of its slots. Doing it again changes nothing. What it returns is shown to operators.
    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value>;
}
