//! Plans the clean-up of groups: a list to look at and hold entries of, for an hour.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::group::cleanup;
use domain::operations::job_catalogue::{self, DatedJob};
use kernel::Result;
use kernel::clock::BusinessDate;
use serde_json::Value;

/// The job that the module describes.
pub struct CleanGroupsPlan;

#[async_trait]
impl Job for CleanGroupsPlan {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::CLEAN_GROUPS_PLAN
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        Ok(serde_json::to_value(
            cleanup::plan(job.context, date, job.dry_run).await?,
        )?)
    }
}
