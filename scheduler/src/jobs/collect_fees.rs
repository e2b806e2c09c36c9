//! Collects the adoption fees that wallets can pay by now.

use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use serde_json::{Value, json};
use shared::Result;
use shared::kernel::clock::BusinessDate;
use shared::kernel::config::{DailyTimes, JobsConfig};
use shared::ledger::fees;

/// See the module.
pub struct CollectFees;

#[async_trait]
impl Job for CollectFees {
    fn name(&self) -> &'static str {
        "collect_fees"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.collect_fees
    }

    fn covers(&self) -> Covers {
        Covers::Today
    }

    async fn run(&self, job: &JobContext<'_>, _date: BusinessDate) -> Result<Value> {
        let collected = fees::collect(job.context, job.dry_run).await?;
        Ok(json!({ "collected": collected }))
    }
}
