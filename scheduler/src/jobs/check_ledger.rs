//! Proves the ledger and replays the newest settlement runs; payouts stop when it finds anything.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::operations::job_catalogue::{self, DatedJob};
use domain::settlement::audit;
use kernel::Result;
use kernel::clock::BusinessDate;
use serde_json::{Value, json};

/// The job that the module describes.
pub struct CheckLedger;

#[async_trait]
impl Job for CheckLedger {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::CHECK_LEDGER
    }

    async fn run(&self, job: &JobContext<'_>, _date: BusinessDate) -> Result<Value> {
        let report = audit(job.context, job.dry_run).await?;
        Ok(json!({ "clean": report.clean, "findings": report.findings }))
    }
}
