//! A settlement run: one transaction from the groups as they are to the slips and balances.

use super::model::{self, RunKind};
use super::rates;
use super::run::Run;
pub use super::run::RunSummary;
use super::steps::carry_out;
use super::{repo, sql};
use crate::ledger::fees::MANY_WALLETS_LOCK;
use crate::tracking::{self, BusinessEvent};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use kernel::job_run::Fence;
use kernel::page::{Page, Paged};
use kernel::partitions;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// What a call came to.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The run happened now.
    Settled(RunSummary),
    /// It had happened before; nothing changed.
    AlreadyDone(RunSummary),
    /// A dry run: what it would have come to.
    Rehearsed(RunSummary),
}

impl Outcome {
    /// The run.
    pub fn summary(&self) -> &RunSummary {
        match self {
            Outcome::Settled(summary) | Outcome::AlreadyDone(summary) | Outcome::Rehearsed(summary) => {
                summary
            }
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
/// voided; what PostgreSQL says, and nothing has
/// changed then.
pub async fn settle(
    context: &Context,
    kind: RunKind,
    settle_date: BusinessDate,
    batch_no: i32,
    options: Options<'_>,
) -> Result<Outcome> {
    model::check_date(settle_date, context.clock.today(), options.allow_open_day)?;
    if let Some(done) = repo::find(context.db.read(), kind, settle_date, batch_no).await? {
        return Ok(Outcome::AlreadyDone(done));
    }
    // A partition made for it now could never go where the others of its month are.
    if settle_date < partitions::oldest_kept(context.clock.today()) {
        return Err(Error::params(
            "date",
            format!("the books of {settle_date} are in the archive"),
        ));
    }
    if !options.dry_run {
        // A dry run's rows go to the default partitions, and back.
        partitions::make_ahead(context.db.read(), settle_date, 1).await?;
    }
    let run = Run {
        id: RunId::new(),
        kind,
        settle_date,
        batch_no,
        settled_at: context.clock.now(),
    };
    let txn = context.db.begin().await?;
    txn.execute_unprepared(sql::PREPARE).await?;
    // The two runs of a date, two replicas, and fee collection wait for each other here.
    db::execute(
        &txn,
        "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock($1)",
        [MANY_WALLETS_LOCK.into()],
    )
    .await?;
    let rates = rates::current(&txn).await?;
    let values = [
        run.id.into(),
        kind.name().into(),
        settle_date.into(),
        batch_no.into(),
        rates.version.into(),
        run.settled_at.into(),
    ];
    if db::execute(&txn, sql::INSERT_RUN, values).await? == 0 {
        let done = repo::find(&txn, kind, settle_date, batch_no).await?;
        return done
            .map(Outcome::AlreadyDone)
            .ok_or_else(|| Error::internal("a run vanished"));
    }
    if kind == RunKind::Ads {
        require_batch(&txn, &run).await?;
    }
    let summary = carry_out(&txn, &run, &rates).await?;
    if options.dry_run {
        txn.rollback().await?;
        return Ok(Outcome::Rehearsed(summary));
    }
    announce(&txn, &run, &summary).await?;
    if let Some(fence) = options.fence {
        fence.hold(&txn).await?;
    }
    txn.commit().await?;
    metrics::counter!("gpet_settled_slips_total", "kind" => kind.name()).increment(summary.slip_count as u64);
    refresh_statistics(context, settle_date).await;
    Ok(Outcome::Settled(summary))
}

/// A run changes the shape of these tables at a stroke; plans made before autovacuum comes by would be hopeless. Of the
/// month's partitions only: a table's own statistics would be made from all its months again.
async fn refresh_statistics(context: &Context, date: BusinessDate) {
    let month = date.date().format("%Y%m");
    let months = [
        "settlement_lines",
        "settlement_importers",
        "settlement_movements",
        "ledger_postings",
        "ledger_lines",
        "slips",
    ];
    let months = months.map(|table| format!("{table}_{month}")).join(", ");
    let analyze = format!("ANALYZE accounts, {months}");
    if let Err(error) = context.db.read().execute_unprepared(&analyze).await {
        tracing::warn!(%error, "cannot refresh the statistics after a run; autovacuum will");
    }
}

async fn require_batch(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    let exists = "SELECT true FROM ad_batches WHERE settle_date = $1 AND batch_no = $2 AND voided_at IS NULL FOR SHARE";
    let values = [run.settle_date.into(), run.batch_no.into()];
    db::fetch_scalar::<bool>(txn, exists, values)
        .await?
        .map(|_| ())
        .ok_or_else(|| Error::not_found("ads batch"))
}

async fn announce(txn: &DatabaseTransaction, run: &Run, summary: &RunSummary) -> Result<()> {
    let event = BusinessEvent::SettlementPosted {
        kind: run.kind.name().to_owned(),
        settle_date: run.settle_date,
        batch_no: run.batch_no,
        slips: i64::from(summary.slip_count),
        total: summary.total,
    };
    tracking::announce(txn, run.settled_at, vec![event]).await
}

/// Runs, newest date first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn runs(
    conn: &impl ConnectionTrait,
    kind: Option<RunKind>,
    page: Page,
) -> Result<Paged<RunSummary>> {
    repo::list(conn, kind, page).await
}

/// One run.
///
/// # Errors
/// 1404 when there is none.
pub async fn run(conn: &impl ConnectionTrait, id: RunId) -> Result<RunSummary> {
    repo::by_id(conn, id)
        .await?
        .ok_or_else(|| Error::not_found("run"))
}

/// Whether this (kind, date, batch) has been settled.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_done(
    conn: &impl ConnectionTrait,
    kind: RunKind,
    date: BusinessDate,
    batch_no: i32,
) -> Result<bool> {
    Ok(repo::find(conn, kind, date, batch_no).await?.is_some())
}
