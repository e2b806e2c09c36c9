//! All workers and jobs in one process. Replicas side by side share the work.

use crate::connections::Connections;
use crate::workers::{pay_withdrawals, report_deliveries};
use crate::{consumers, engine, health, relay, requests};
use kernel::{Context, Error, Result};
use tokio_cron_scheduler::{Job as CronJob, JobScheduler};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs until told to stop, then lets what is under way finish.
///
/// # Errors
/// When the health port cannot be had.
pub async fn run(context: Context, connections: Connections, stop: CancellationToken) -> Result<()> {
    let tracker = TaskTracker::new();
    let (tick, ticks) = tokio::sync::mpsc::channel(1);
    let ticker = start_ticking(tick).await?;
    tracker.spawn(consumers::run(
        context.clone(),
        connections.transports.clone(),
        stop.clone(),
    ));
    tracker.spawn(relay::run(context.clone(), connections.clone(), stop.clone()));
    tracker.spawn(requests::run(context.clone(), connections.clone(), stop.clone()));
    tracker.spawn(report_deliveries::run(context.clone(), stop.clone()));
    tracker.spawn(work_on_ticks(
        context.clone(),
        connections.clone(),
        ticks,
        stop.clone(),
    ));
    tracker.spawn(pay_withdrawals::run(
        context.clone(),
        connections.partners,
        stop.clone(),
    ));
    let served = health::serve(context, stop.clone()).await;
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    drop(ticker);
    served
}

/// Ticks twice a minute, and once at the start. A tick that nobody has taken yet stands for the next one too: nothing is lost,
/// what is due stands in the table.
async fn start_ticking(tick: tokio::sync::mpsc::Sender<()>) -> Result<JobScheduler> {
    let _ = tick.try_send(());
    let scheduler = JobScheduler::new().await.map_err(Error::internal)?;
    let ticker = CronJob::new("*/30 * * * * *", move |_, _| {
        let _ = tick.try_send(());
    });
    scheduler
        .add(ticker.map_err(Error::internal)?)
        .await
        .map_err(Error::internal)?;
    scheduler.start().await.map_err(Error::internal)?;
    Ok(scheduler)
}

async fn work_on_ticks(
    context: Context,
    connections: Connections,
    mut ticks: tokio::sync::mpsc::Receiver<()>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            tick = ticks.recv() => if tick.is_none() { return },
        }
        if let Err(error) = engine::run_due(&context, Some(&connections)).await {
            tracing::warn!(error = %error.chain(), "cannot look for due jobs; trying again");
        }
    }
}
