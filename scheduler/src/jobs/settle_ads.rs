//! Settles the ads of ended dates, each batch on its own. A date without a batch is not due.

use super::settle_groups::{due_again, settle};
use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::settlement::ads;
use domain::settlement::model::RunKind;
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::{Context, Result};
use serde_json::{Value, json};

/// See the module.
pub struct SettleAds;

#[async_trait]
impl Job for SettleAds {
    fn name(&self) -> &'static str {
        "settle_ads"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.settle_ads
    }

    fn covers(&self) -> Covers {
        Covers::Yesterday
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
