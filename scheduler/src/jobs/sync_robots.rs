//! Takes names, pictures and lifetime counts of robots from the network.

use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use domain::robot::sync;
use kernel::Result;
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use serde_json::Value;

/// See the module.
pub struct SyncRobots;

#[async_trait]
impl Job for SyncRobots {
    fn name(&self) -> &'static str {
        "sync_robots"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.sync_robots
    }

    fn covers(&self) -> Covers {
        Covers::Today
    }

    async fn run(&self, job: &JobContext<'_>, _date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(serde_json::json!({ "robots": "not asked in a dry run" }));
        }
        let now = job.context.clock.now();
        Ok(serde_json::to_value(
            sync::sync(job.context, job.transports()?, now).await?,
        )?)
    }
}
