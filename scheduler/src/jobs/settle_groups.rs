//! Settles the groups of the date that has ended.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::operations::job_catalogue::{self, DatedJob};
use domain::settlement::RunKind;
use domain::settlement::{self, Options, RunOutcome};
use kernel::clock::BusinessDate;
use kernel::{Context, Result};
use serde_json::{Value, json};

/// The job that the module describes.
pub struct SettleGroups;

#[async_trait]
impl Job for SettleGroups {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::SETTLE_GROUPS
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        settle(job, RunKind::Groups, date, 0).await
    }
}

/// One run as a job does it.
pub(super) async fn settle(
    job: &JobContext<'_>,
    kind: RunKind,
    date: BusinessDate,
    batch_no: i32,
) -> Result<Value> {
    let options = Options {
        allow_open_day: job.allow_open_day,
        dry_run: job.dry_run,
        fence: job.fence,
    };
    let outcome = settlement::settle(job.context, kind, date, batch_no, options).await?;
    let word = match &outcome {
        RunOutcome::Settled(_) => "settled",
        RunOutcome::AlreadyDone(_) => "already done",
        RunOutcome::Rehearsed(_) => "rehearsed",
    };
    let run = outcome.summary();
    Ok(json!({
        "outcome": word, "run": run.id, "batch_no": run.batch_no, "groups": run.group_count, "slips": run.slip_count,
        "total": run.total, "milliseconds": run.timings,
    }))
}

/// The date is due for this job from now on, even if it was done before.
pub(super) async fn due_again(
    context: &Context,
    job: &str,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    kernel::job_run::make_due_again(context.db.autocommit(), job, date, now).await
}
