//! The proof: every posting sums to zero, every balance is the sum of its lines and of what left for the archive, all
//! balances sum to zero, every slip has its lines, held equals the open withdrawals, and every movement of a settlement
//! adds up.

pub use super::model::{Finding, Report};
use super::repo::checks;
pub use super::repo::checks::{LedgerState, newest, newest_is_clean};
pub use super::repo::proof::offenders;
use kernel::Context;
use kernel::error::Result;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::time::Duration;

/// How long a scrape waits for the newest check.
const MEASURING: Duration = Duration::from_secs(2);

/// One moment of everything, with time to look.
pub struct Snapshot {
    /// Sees that moment.
    pub txn: DatabaseTransaction,
    /// Higher than that of every snapshot before it; PostgreSQL's and no clock's.
    number: i64,
}

/// Takes a snapshot.
pub async fn snapshot(context: &Context) -> Result<Snapshot> {
    let txn = context.db.begin().await?;
    let number = checks::begin(&txn).await?;
    Ok(Snapshot { txn, number })
}

/// Keeps the outcome and sounds the alarm when it is not clean.
pub async fn keep(snapshot: Snapshot, report: &Report) -> Result<()> {
    let Snapshot { txn, number } = snapshot;
    checks::insert(&txn, number, report).await?;
    txn.commit().await?;
    if !report.clean {
        let first = report.findings.first();
        tracing::error!(
            findings = report.findings.len(),
            ?first,
            "the ledger check found differences; payouts stop"
        );
    }
    Ok(())
}

/// Sets the gauge to what the newest check found, whichever process made it: called when metrics are asked for. While
/// PostgreSQL is away it shows what it showed before.
pub async fn measure(conn: &impl ConnectionTrait) {
    match tokio::time::timeout(MEASURING, newest_is_clean(conn)).await {
        Ok(Ok(clean)) => metrics::gauge!("gpet_ledger_clean").set(if clean { 1.0 } else { 0.0 }),
        Ok(Err(error)) => tracing::warn!(error = error.chain(), "the newest ledger check cannot be read"),
        Err(_) => tracing::warn!("the newest ledger check cannot be read in time"),
    }
}
