//! Opens each day: what every robot may promise.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::operations::job_catalogue::{self, DatedJob};
use domain::robot::{self, capacity};
use kernel::Result;
use kernel::clock::BusinessDate;
use kernel::partitions;
use serde_json::{Value, json};

/// The job that the module describes.
pub struct DistributeRobots;

#[async_trait]
impl Job for DistributeRobots {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::DISTRIBUTE_ROBOTS
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        let context = job.context;
        if job.dry_run {
            let txn = context.db.begin().await?;
            let opened = capacity::open_day(&txn, context, date).await?;
            txn.rollback().await?;
            return Ok(json!({ "opened": opened }));
        }
        // This month's partitions, and the next one's, are made on the way; those of a date made up for may be archived.
        let today = BusinessDate::of(context.clock.shared_now(context.db.read()).await?);
        partitions::make_ahead(&context.db, today, 2).await?;
        let opened = robot::distribute_robots(context, date).await?;
        Ok(json!({ "opened": opened }))
    }
}
