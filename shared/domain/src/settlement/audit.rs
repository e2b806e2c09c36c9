//! The whole proof: the ledger check and a replay of the newest run of each kind, kept as one report.

use super::replay;
use crate::ledger::check::{self, Report, Snapshot};
use kernel::Context;
use kernel::code::Code;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use sea_orm::DatabaseTransaction;

/// Key of the advisory lock that says a check is under way.
const CHECKING: i64 = 0x6370_6574;

/// Checks the ledger, replays the newest runs, keeps the outcome. Payouts stop while the newest report is not clean. A dry
/// run only tells.
///
/// # Errors
/// What PostgreSQL says.
pub async fn check(context: &Context, dry_run: bool) -> Result<Report> {
    let snapshot = check::snapshot(context).await?;
    // The daily check waits for nobody; it only shows that it is under way.
    let _: bool = begin_check(&snapshot.txn).await?;
    checked(context, snapshot, dry_run).await
}

/// The same on an operator's demand, unless another check is under way: a check reads every line there is.
///
/// # Errors
/// 1409 while another check is under way; what PostgreSQL says.
pub async fn check_on_demand(context: &Context) -> Result<Report> {
    let snapshot = check::snapshot(context).await?;
    if !begin_check(&snapshot.txn).await? {
        return Err(Error::new(Code::DuplicateRequest, "a check is under way"));
    }
    checked(context, snapshot, false).await
}

async fn begin_check(txn: &DatabaseTransaction) -> Result<bool> {
    let sql = "SELECT pg_try_advisory_xact_lock($1)";
    Ok(db::fetch_scalar(txn, sql, [CHECKING.into()])
        .await?
        .unwrap_or(false))
}

async fn checked(context: &Context, snapshot: Snapshot, dry_run: bool) -> Result<Report> {
    let txn = &snapshot.txn;
    let newest = "SELECT DISTINCT ON (kind) id FROM settlement_runs ORDER BY kind, moved DESC";
    let runs: Vec<RunId> = db::fetch_column(txn, newest, []).await?;
    let mut findings = check::offenders(txn).await?;
    for run in runs {
        findings.extend(replay::replay(txn, run).await?);
    }
    let report = Report::new(context.clock.shared_now(txn).await?, findings);
    if !dry_run {
        check::keep(snapshot, &report).await?;
    }
    Ok(report)
}
