//! Waits for a server that starts, and tells what its log says when it does not.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::files::tail;
use crate::process::Process;

/// How long a server may take to become ready; crash recovery of a large database is part of it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks `probe` until it answers, the process ends or the time is up. Failures show the end of the server's log.
pub(crate) async fn until<F>(server: &str, process: &mut Process, log: &Path, probe: F) -> Result<()>
where
    F: AsyncFn() -> Result<()>,
{
    let started = Instant::now();
    loop {
        let last = match probe().await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if let Some(status) = process.exit_status() {
            bail!(
                "{server} ended while starting ({status}). Its log {} ends with:\n{}",
                log.display(),
                tail(log, 15)
            );
        }
        if started.elapsed() > PATIENCE {
            bail!(
                "{server} was not ready within {PATIENCE:?} ({last:#}). Its log {} ends with:\n{}",
                log.display(),
                tail(log, 15)
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
