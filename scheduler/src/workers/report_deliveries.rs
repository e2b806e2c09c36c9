//! Tells the delivery system what became of its tasks, once all messages of a group have ended.

use domain::delivery;
use kernel::Context;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Its name on the command line and in metrics.
pub const NAME: &str = "report_deliveries";
/// Between passes.
const PAUSE: Duration = Duration::from_secs(5);

/// A pass every few seconds, until told to stop.
pub async fn run(context: Context, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match delivery::report(&context).await {
            Ok(0) => {}
            Ok(groups) => tracing::info!(groups, "delivery results are on their way"),
            Err(error) => tracing::warn!(error = %error.chain(), "delivery results wait"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(PAUSE) => {}
        }
    }
}
