//! What holds after every test, whatever it did.

use anyhow::{Result, ensure};
use domain::settlement::audit;
use kernel::Context;
use kernel::db;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// For how long a connection may take to give up its transaction.
const GRACE: Duration = Duration::from_secs(3);

/// Proves the ledger (every rule of the check, and the newest runs replayed), that all money sums to zero, and that no
/// connection is left inside a transaction.
///
/// # Errors
/// Names what does not hold.
pub async fn prove(context: &Context) -> Result<()> {
    let report = audit(context, false).await?;
    ensure!(report.clean, "the ledger check found {:#?}", report.findings);
    let zero = "SELECT (SELECT coalesce(sum(available + held), 0) FROM accounts)
                     + (SELECT coalesce(sum(balance), 0) FROM house_accounts) = 0";
    let zero: Option<bool> = db::fetch_scalar(context.db.autocommit(), zero, []).await?;
    ensure!(zero == Some(true), "the balances do not sum to zero");
    let deadline = Instant::now() + GRACE;
    loop {
        let open = "SELECT left(query, 200) FROM pg_stat_activity
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let open: Vec<String> = db::fetch_column(context.db.autocommit(), open, []).await?;
        if open.is_empty() {
            return Ok(());
        }
        ensure!(
            Instant::now() < deadline,
            "connections are left in a transaction after {open:?}"
        );
        sleep(Duration::from_millis(20)).await;
    }
}
