//! Settles the ads of ended dates, each batch on its own. A date without a batch is not due.

use super::settle_groups::{due_again, settle};
use crate::job::{Job, JobContext};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::operations::job_catalogue::{self, DatedJob};
use domain::settlement::RunKind;
use domain::settlement::ads;
use kernel::clock::BusinessDate;
use kernel::config::JobsConfig;
use kernel::job_run::Slot;
use kernel::{Context, Result};
use serde_json::{Value, json};

/// The job that the module describes.
pub struct SettleAds;

#[async_trait]
impl Job for SettleAds {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::SETTLE_ADS
    }

    /// Of any date that has ended: its batches wait for no time of day.
    fn last_slot(&self, _jobs: &JobsConfig, now: DateTime<Utc>) -> Slot {
        Slot::first(BusinessDate::of(now).minus_days(1))
    }

    /// Dates whose batches wait, whatever the time of day: revenue that comes late is paid as it comes.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let mut dates: Vec<BusinessDate> = ads::waiting(context.db.read(), BusinessDate::of(now))
            .await?
            .into_iter()
            .map(|waiting| waiting.settle_date)
            .collect();
        dates.dedup();
        let mut due = 0;
        for date in dates {
            due += due_again(context, self.name(), date, now).await?;
        }
        Ok(due)
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        let batches = ads::batches_of(job.context.db.read(), date).await?;
        let mut runs = Vec::new();
        for batch_no in batches {
            runs.push(settle(job, RunKind::Ads, date, batch_no).await?);
        }
        Ok(json!({ "runs": runs }))
    }
}
