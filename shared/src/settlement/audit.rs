//! The whole proof: the ledger check and a replay of the newest run of each kind, kept as one report.

use super::replay;
use crate::Context;
use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::RunId;
use crate::ledger::check::{self, Report};

/// Checks the ledger, replays the newest runs, keeps the outcome. Payouts stop while the newest report is not clean.
///
/// # Errors
/// What PostgreSQL says.
pub async fn check(context: &Context) -> Result<Report> {
    let newest =
        "SELECT DISTINCT ON (kind) id FROM settlement_runs ORDER BY kind, settled_at DESC, batch_no DESC";
    let runs: Vec<RunId> = db::fetch_column(context.db.read(), newest, []).await?;
    let txn = check::snapshot(context).await?;
    let mut findings = check::offenders(&txn).await?;
    for run in runs {
        findings.extend(replay::replay(&txn, run).await?);
    }
    check::keep(context, txn, findings).await
}
