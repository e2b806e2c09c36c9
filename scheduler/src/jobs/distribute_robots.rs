//! Opens each day: what every robot may promise.

use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use domain::robot::{self, capacity};
use kernel::Result;
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::partitions;
use serde_json::{Value, json};

/// See the module.
pub struct DistributeRobots;

#[async_trait]
impl Job for DistributeRobots {
    fn name(&self) -> &'static str {
        "distribute_robots"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.distribute_robots
    }

    fn covers(&self) -> Covers {
        Covers::Today
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        let context = job.context;
        if job.dry_run {
            let txn = context.db.begin().await?;
            let opened = capacity::open_day(&txn, context, date).await?;
            txn.rollback().await?;
            return Ok(json!({ "opened": opened }));
        }
        // The month's partitions, and the next one's, are made on the way.
        partitions::make_ahead(context.db.read(), date, 2).await?;
        let opened = robot::distribute_robots(context, date).await?;
        Ok(json!({ "opened": opened }))
    }
}
