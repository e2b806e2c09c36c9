//! Takes names, pictures and lifetime counts of robots from the network.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::operations::job_catalogue::{self, DatedJob};
use domain::robot;
use kernel::Result;
use kernel::clock::BusinessDate;
use serde_json::Value;

/// The job that the module describes.
pub struct SyncRobots;

#[async_trait]
impl Job for SyncRobots {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::SYNC_ROBOTS
    }

    async fn run(&self, job: &JobContext<'_>, _date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(serde_json::json!({ "robots": "not asked in a dry run" }));
        }
        let now = job.context.clock.now();
        Ok(serde_json::to_value(
            robot::sync(job.context, job.transports()?, now).await?,
        )?)
    }
}
