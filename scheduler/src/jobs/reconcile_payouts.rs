//! Compares the payouts of the date that has ended with the partner's list.

use crate::job::{Covers, Job, JobContext};
use async_trait::async_trait;
use domain::withdrawal::service;
use kernel::Result;
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use serde_json::{Value, json};

/// See the module.
pub struct ReconcilePayouts;

#[async_trait]
impl Job for ReconcilePayouts {
    fn name(&self) -> &'static str {
        "reconcile_payouts"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        &jobs.reconcile_payouts
    }

    fn covers(&self) -> Covers {
        Covers::Yesterday
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        let differences = service::reconcile_payouts(job.context, job.partners()?, date).await?;
        Ok(json!({ "differences": differences }))
    }
}
