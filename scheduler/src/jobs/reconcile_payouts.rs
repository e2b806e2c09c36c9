//! Compares the payouts of the date that has ended with the partner's list.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::operations::job_catalogue::{self, DatedJob};
use domain::withdrawal;
use kernel::Result;
use kernel::clock::BusinessDate;
use serde_json::{Value, json};

/// The job that the module describes.
pub struct ReconcilePayouts;

#[async_trait]
impl Job for ReconcilePayouts {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::RECONCILE_PAYOUTS
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(json!({ "differences": "not asked in a dry run" }));
        }
        let differences = withdrawal::reconcile_payouts(job.context, job.partners()?, date).await?;
        Ok(json!({ "differences": differences }))
    }
}
