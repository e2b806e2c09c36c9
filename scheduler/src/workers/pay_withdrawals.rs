//! Pays approved withdrawals and asks what became of the payouts under way.

use domain::withdrawal::{self, PaidSummary};
use kernel::{Context, Result};
use partners::Partners;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Its name on the command line and in metrics.
pub const NAME: &str = "pay_withdrawals";

/// One pass to the end.
///
/// # Errors
/// When this process cannot pay, or PostgreSQL is away.
pub async fn run_by_hand(context: &Context, partners: &Partners) -> Result<PaidSummary> {
    withdrawal::pay_due(context, partners).await
}

/// A pass every `jobs.pay_withdrawals_seconds`, until told to stop. A pass under way is finished: it is never cut short
/// between a call and its record.
pub async fn run(context: Context, partners: Arc<Partners>, stop: CancellationToken) {
    let mut ticks = interval(Duration::from_secs(
        context.config.jobs.pay_withdrawals_seconds.max(1),
    ));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // In a task of its own, so that a pass that panics is not the last one.
        let pass = tokio::spawn(one_pass(context.clone(), partners.clone()));
        if let Err(error) = pass.await {
            report("panicked");
            tracing::error!(%error, "a payout pass broke down");
        }
    }
}

async fn one_pass(context: Context, partners: Arc<Partners>) {
    match withdrawal::pay_due(&context, &partners).await {
        Ok(summary) => {
            report("done");
            if summary != PaidSummary::default() {
                tracing::info!(?summary, "payouts");
            }
        }
        Err(error) => {
            report("failed");
            tracing::error!(
                error = error.chain(),
                "a payout pass failed; the next one goes on"
            );
        }
    }
}

fn report(outcome: &'static str) {
    metrics::counter!("gpet_worker_passes_total", "worker" => NAME, "outcome" => outcome).increment(1);
}
