//! Compares the groups we hold with those the network lists.

use crate::job::{Covers, Job, JobContext, newest_due};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::group;
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::job_run;
use kernel::{Context, Result};
use serde_json::Value;

/// See the module.
pub struct ReconcileGroups;

#[async_trait]
impl Job for ReconcileGroups {
    fn name(&self) -> &'static str {
        "reconcile_groups"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.reconcile_groups
    }

    fn covers(&self) -> Covers {
        Covers::Today
    }

    /// Only the newest night: two nights asked about within minutes would count as two without the group.
    async fn make_due(&self, context: &Context, now: DateTime<Utc>) -> Result<u64> {
        let newest = newest_due(self.times(&context.config.jobs), self.covers(), now);
        job_run::make_newest_due(context.db.read(), self.name(), newest, now).await
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(serde_json::json!({ "groups": "not asked in a dry run" }));
        }
        let report = group::reconcile(job.context, job.transports()?, date).await?;
        Ok(serde_json::to_value(report)?)
    }
}
