//! Compares the groups we hold with those the network lists.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::group;
use domain::operations::job_catalogue::{self, DatedJob};
use kernel::clock::BusinessDate;
use kernel::job_run;
use kernel::{Context, Result};
use serde_json::Value;

/// The job that the module describes.
pub struct ReconcileGroups;

#[async_trait]
impl Job for ReconcileGroups {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::RECONCILE_GROUPS
    }

    /// Only the newest night: two nights asked about within minutes would count as two without the group.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let jobs = &context.config.jobs;
        let (newest, slots) = (self.last_slot(jobs, now), (self.listed().times)(jobs).count());
        job_run::make_newest_due(context.db.autocommit(), self.name(), newest, slots, now).await
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(serde_json::json!({ "groups": "not asked in a dry run" }));
        }
        let report = group::reconcile(job.context, job.transports()?, date).await?;
        Ok(serde_json::to_value(report)?)
    }
}
