//! Opens each day: what every robot may promise.

use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use serde_json::{Value, json};
use shared::Result;
use shared::kernel::clock::BusinessDate;
use shared::kernel::config::{DailyTimes, JobsConfig};
use shared::kernel::db;
use shared::robot::{capacity, service};

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
        for ahead in [0, 31] {
            db::execute(
                context.db.read(),
                "SELECT ensure_partitions($1)",
                [date.plus_days(ahead).into()],
            )
            .await?;
        }
        let opened = service::distribute_robots(context, date).await?;
        Ok(json!({ "opened": opened }))
    }
}
