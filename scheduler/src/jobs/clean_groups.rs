//! Carries the clean-up out, except for entries that are held.

use super::clean_groups_plan::CleanGroupsPlan;
use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::group::cleanup;
use domain::operations::job_catalogue::{self, DatedJob};
use kernel::clock::BusinessDate;
use kernel::job_run;
use kernel::{Context, Result};
use serde_json::Value;
use serde_json::json;

/// The job that the module describes.
pub struct CleanGroups;

#[async_trait]
impl Job for CleanGroups {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::CLEAN_GROUPS
    }

    async fn may_start(&self, context: &Context, date: BusinessDate) -> Result<bool> {
        job_run::is_done(context.db.read(), CleanGroupsPlan.name(), date).await
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(json!({ "plan": cleanup::plan(job.context, date, true).await? }));
        }
        Ok(serde_json::to_value(
            cleanup::carry_out(job.context, date).await?,
        )?)
    }
}
