//! Collects the adoption fees that wallets can pay by now, once the income of the day before is in them.

use super::settle_ads::SettleAds;
use super::settle_groups::SettleGroups;
use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::ledger;
use domain::operations::job_catalogue::{self, DatedJob};
use kernel::clock::BusinessDate;
use kernel::job_run;
use kernel::{Context, Result};
use serde_json::{Value, json};

/// The job that the module describes.
pub struct CollectFees;

#[async_trait]
impl Job for CollectFees {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::COLLECT_FEES
    }

    /// A settlement that is late must not leave fees to the next night.
    async fn may_start(&self, context: &Context, date: BusinessDate) -> Result<bool> {
        let (conn, ended) = (context.db.read(), date.minus_days(1));
        let groups_are_settled = job_run::is_done(conn, SettleGroups.name(), ended).await?;
        Ok(groups_are_settled && !job_run::is_open(conn, SettleAds.name(), ended).await?)
    }

    async fn run(&self, job: &JobContext<'_>, _date: BusinessDate) -> Result<Value> {
        let collected = ledger::collect_fees(job.context, job.dry_run).await?;
        Ok(json!({ "collected": collected }))
    }
}
