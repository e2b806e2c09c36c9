//! Runs what is due: every replica asks the table, one gets the claim.

use crate::connections::Connections;
use crate::job::{Job, JobContext};
use crate::registry::JOBS;
use chrono::{DateTime, Utc};
use domain::operations::job_catalogue::{self, OwedDates};
use kernel::clock::BusinessDate;
use kernel::job_run::{self, Fence, Slot};
use kernel::{Context, Error, Result};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;

/// How a run by hand differs from one by the clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByHand {
    /// Do everything, change nothing.
    pub dry_run: bool,
    /// Let a date that has not ended be settled.
    pub allow_open_day: bool,
}

/// Makes dates due and runs them, oldest first, job by job, until nothing is due. Tells how many runs it did.
///
/// # Errors
/// When PostgreSQL is away; a job's own failure is kept with its run and tried again later.
pub async fn run_due(context: &Context, connections: Option<&Connections>) -> Result<usize> {
    let mut runs = 0;
    for job in JOBS {
        runs += run_due_of(context, connections, *job).await?;
    }
    measure_missed(context).await?;
    Ok(runs)
}

/// Sets the gauge of dates whose time has come and that are not done, which no run of another date can hide.
async fn measure_missed(context: &Context) -> Result<()> {
    let now = context.clock.shared_now(context.db.read()).await?;
    let watched = job_catalogue::watched(&context.config.jobs, now);
    let missed = job_run::missed(context.db.read(), &watched, now).await?;
    for job in watched {
        let total = missed.iter().find(|missed| missed.job == job.job);
        let total = total.map_or(0, |missed| missed.total);
        metrics::gauge!("gpet_job_missed_dates", "job" => job.job).set(total as f64);
    }
    Ok(())
}

/// The same for one job.
///
/// # Errors
/// When PostgreSQL is away.
pub async fn run_due_of(
    context: &Context,
    connections: Option<&Connections>,
    job: &dyn Job,
) -> Result<usize> {
    let conn = context.db.autocommit();
    let mut now = context.clock.shared_now(conn).await?;
    let last = job.last_slot(&context.config.jobs, now);
    job_run::reopen_beyond(conn, job.name(), last).await?;
    job.make_due(context, now).await?;
    let mut runs = 0;
    while let Some(fence) = job_run::claim_oldest(conn, job.name(), last, now).await? {
        if !job.may_start(context, fence.slot.date).await? {
            fence.fail(conn, "waits for the job before it", now).await?;
            break;
        }
        runs += 1;
        if run_claimed(context, connections, job, &fence, ByHand::default())
            .await
            .is_err()
        {
            break; // later dates wait for this one
        }
        // The run took its time; the next claim lasts from now on.
        now = context.clock.shared_now(conn).await?;
    }
    Ok(runs)
}

/// Runs a job for a date by hand. Where a date is only right after those before it, those that are owed run first.
///
/// # Errors
/// 1403 for a date that has not come; 1409 while it is running; whatever the job fails with.
pub async fn run_by_hand(
    context: &Context,
    connections: Option<&Connections>,
    job: &dyn Job,
    date: BusinessDate,
    options: ByHand,
) -> Result<Value> {
    let now = context.clock.shared_now(context.db.read()).await?;
    let (listed, jobs) = (job.listed(), &context.config.jobs);
    job_catalogue::check_date(listed.covers, date, options.allow_open_day, BusinessDate::of(now))?;
    if options.dry_run {
        let job_context = JobContext {
            context,
            connections,
            fence: None,
            dry_run: true,
            allow_open_day: options.allow_open_day,
        };
        return job.run(&job_context, date).await;
    }
    if listed.owes != OwedDates::OnDemand {
        // Before there is a run that could be taken for the job's first.
        let (last, slots) = (job.last_slot(jobs, now), (listed.times)(jobs).count());
        job_run::begin_calendar(context.db.autocommit(), job.name(), last, slots, now).await?;
    }
    let slot = Slot::by_hand((listed.times)(jobs), listed.covers, date, now);
    if listed.in_order {
        run_those_before(context, connections, job, slot).await?;
    }
    let claimed = claim(context, job, slot).await?;
    run_claimed(context, connections, job, &claimed, options).await
}

/// Runs what the job owes from before a slot, oldest first. Stops at the first that fails.
async fn run_those_before(
    context: &Context,
    connections: Option<&Connections>,
    job: &dyn Job,
    slot: Slot,
) -> Result<()> {
    let conn = context.db.autocommit();
    let now = context.clock.shared_now(conn).await?;
    let before = slot.min(job.last_slot(&context.config.jobs, now));
    job_run::make_missing_due(conn, job.name(), before, now).await?;
    while let Some(open) = job_run::oldest_open_before(conn, job.name(), before).await? {
        let claimed = claim(context, job, open).await?;
        run_claimed(context, connections, job, &claimed, ByHand::default())
            .await
            .map_err(|error| Error {
                message: format!("{} has to be done first: {}", open.date, error.message).into(),
                ..error
            })?;
    }
    Ok(())
}

async fn claim(context: &Context, job: &dyn Job, slot: Slot) -> Result<Fence> {
    let now = context.clock.shared_now(context.db.read()).await?;
    let last = job.last_slot(&context.config.jobs, now);
    job_run::claim(context.db.autocommit(), job.name(), slot, last, now).await
}

/// Runs, keeps the lease alive meanwhile, and writes down how it ended.
async fn run_claimed(
    context: &Context,
    connections: Option<&Connections>,
    job: &dyn Job,
    fence: &Fence,
    options: ByHand,
) -> Result<Value> {
    let date = fence.slot.date;
    tracing::info!(job = job.name(), %date, "job starts");
    let job_context = JobContext {
        context,
        connections,
        fence: Some(fence),
        dry_run: false,
        allow_open_day: options.allow_open_day,
    };
    let started = std::time::Instant::now();
    let work = AssertUnwindSafe(job.run(&job_context, date)).catch_unwind();
    let result = tokio::select! {
        result = work => result.unwrap_or_else(|_| Err(Error::internal("the job panicked"))),
        error = keep_claim(context, fence) => Err(error),
    };
    metrics::histogram!("gpet_job_seconds", "job" => job.name()).record(started.elapsed());
    let now = context.clock.shared_now(context.db.read()).await?;
    match &result {
        Ok(value) => {
            fence.finish(context.db.autocommit(), value.clone(), now).await?;
            report(job, now, "done");
            tracing::info!(job = job.name(), %date, result = %value, "job done");
        }
        Err(error) => {
            fence.fail(context.db.autocommit(), &error.chain(), now).await?;
            report(job, now, "failed");
            tracing::error!(job = job.name(), %date, error = %error.chain(), "job failed");
        }
    }
    result
}

fn report(job: &dyn Job, now: DateTime<Utc>, outcome: &'static str) {
    metrics::counter!("gpet_job_runs_total", "job" => job.name(), "outcome" => outcome).increment(1);
    if outcome == "done" {
        metrics::gauge!("gpet_job_last_success_timestamp", "job" => job.name()).set(now.timestamp() as f64);
    }
}

/// Renews the lease until the claim is lost. A database that is away for a moment is no loss.
async fn keep_claim(context: &Context, fence: &Fence) -> Error {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let Ok(now) = context.clock.shared_now(context.db.read()).await else {
            continue;
        };
        match fence.renew(context.db.autocommit(), now).await {
            Err(error) if !error.transient => return error,
            _ => {}
        }
    }
}
