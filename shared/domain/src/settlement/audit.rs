//! The whole proof: the ledger check and a replay of the newest run of each kind, kept as one report.

use super::replay;
use super::repo::runs;
use crate::ledger::check::{self, Report, Snapshot};
use kernel::Context;
use kernel::code::Code;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};

/// Checks the ledger, replays the newest runs, keeps the outcome. Payouts stop while the newest report is not clean. A dry
/// run only tells.
pub async fn audit(context: &Context, dry_run: bool) -> Result<Report> {
    let snapshot = check::snapshot(context).await?;
    // The daily check waits for nobody; it only shows that it is under way.
    let _ = Lock::LedgerCheck.take_if_free(&snapshot.txn).await?;
    checked(context, snapshot, dry_run).await
}

/// The same on an operator's demand, unless another check is under way: a check reads every line there is.
///
/// # Errors
/// 1409 while another check is under way.
pub async fn audit_on_demand(context: &Context) -> Result<Report> {
    let snapshot = check::snapshot(context).await?;
    if !Lock::LedgerCheck.take_if_free(&snapshot.txn).await? {
        return Err(Error::new(Code::DuplicateRequest, "a check is under way"));
    }
    checked(context, snapshot, false).await
}

async fn checked(context: &Context, snapshot: Snapshot, dry_run: bool) -> Result<Report> {
    let txn = &snapshot.txn;
    let mut findings = check::offenders(txn).await?;
    for run in runs::newest(txn).await? {
        findings.extend(replay::differences(txn, run).await?);
    }
    let report = Report::new(context.clock.shared_now(txn).await?, findings);
    if !dry_run {
        check::keep(snapshot, &report).await?;
    }
    Ok(report)
}
