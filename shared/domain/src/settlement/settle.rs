//! A settlement run: one transaction from the groups as they are to the slips and balances.

use super::announce::announce;
use super::carry_out::carry_out;
use super::model::{Run, RunKind, RunSummary};
use super::repo::run::progress;
use super::repo::{rates, runs};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use kernel::job_run::Fence;
use kernel::partitions;

/// What a call came to.
#[derive(Debug, Clone)]
pub enum RunOutcome {
    /// The run happened now.
    Settled(RunSummary),
    /// It had happened before; nothing changed.
    AlreadyDone(RunSummary),
    /// A dry run: what it would have come to.
    Rehearsed(RunSummary),
}

impl RunOutcome {
    /// The run.
    pub fn summary(&self) -> &RunSummary {
        match self {
            RunOutcome::Settled(summary)
            | RunOutcome::AlreadyDone(summary)
            | RunOutcome::Rehearsed(summary) => summary,
        }
    }
}

/// How a run is to be done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Settle a date that has not ended. Refused in production by the callers that offer it.
    pub allow_open_day: bool,
    /// Do everything, then roll back.
    pub dry_run: bool,
    /// The lease of the job that asks; a run that lost it writes nothing.
    pub fence: Option<&'a Fence>,
}

/// Settles one (kind, date, batch), once.
///
/// # Errors
/// 1403 for a date that has not ended or is in the archive, 1404 for an ads date without that batch, or with one that was
/// voided; after any error nothing has changed.
pub async fn settle(
    context: &Context,
    kind: RunKind,
    settle_date: BusinessDate,
    batch_no: i32,
    options: Options<'_>,
) -> Result<RunOutcome> {
    let now = context.clock.shared_now(context.db.read()).await?;
    let today = BusinessDate::of(now);
    match options.allow_open_day {
        true => settle_date.check_begun(today)?,
        false => settle_date.check_ended(today)?,
    }
    if let Some(done) = runs::find(context.db.read(), kind, settle_date, batch_no).await? {
        return Ok(RunOutcome::AlreadyDone(done));
    }
    // A partition made for it now could never go where the others of its month are.
    if settle_date < partitions::oldest_kept(today) {
        return Err(Error::params(
            "date",
            format!("the books of {settle_date} are in the archive"),
        ));
    }
    if !options.dry_run {
        // A dry run's rows go to the default partitions, and back.
        partitions::make_ahead(&context.db, settle_date, 1).await?;
    }
    let run = Run {
        id: RunId::new(),
        kind,
        settle_date,
        batch_no,
        settled_at: now,
    };
    let txn = context.db.begin().await?;
    progress::prepare(&txn).await?;
    // The two runs of a date, two replicas, and fee collection wait for each other here.
    Lock::ManyWallets.wait(&txn).await?;
    let rates = rates::current(&txn).await?;
    if !progress::begin(&txn, &run, rates.version).await? {
        let done = runs::find(&txn, kind, settle_date, batch_no).await?;
        return done
            .map(RunOutcome::AlreadyDone)
            .ok_or_else(|| Error::internal("a run vanished"));
    }
    if kind == RunKind::Ads && !progress::hold_batch(&txn, &run).await? {
        return Err(Error::not_found("ads batch"));
    }
    let summary = carry_out(&txn, &run, &rates).await?;
    if options.dry_run {
        txn.rollback().await?;
        return Ok(RunOutcome::Rehearsed(summary));
    }
    announce(&txn, &run, &summary).await?;
    if let Some(fence) = options.fence {
        fence.hold(&txn).await?;
    }
    txn.commit().await?;
    metrics::counter!("gpet_settled_slips_total", "kind" => kind.name()).increment(summary.slip_count as u64);
    if let Err(error) = runs::refresh_statistics(context.db.autocommit(), settle_date).await {
        tracing::warn!(%error, "cannot refresh the statistics after a run; autovacuum will");
    }
    Ok(RunOutcome::Settled(summary))
}
