//! All workers and jobs in one process. Replicas side by side share the work.

use crate::outside::Outside;
use crate::workers::{pay_withdrawals, report_deliveries};
use crate::{consumers, engine, health, relay, requests};
use kernel::{Context, Error, Result};
use tokio_cron_scheduler::{Job as Alarm, JobScheduler};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs until told to stop, then lets what is under way finish.
///
/// # Errors
/// When the health port cannot be had.
pub async fn run(context: Context, outside: Outside, stop: CancellationToken) -> Result<()> {
    let tracker = TaskTracker::new();
    let (ring, heard) = tokio::sync::mpsc::channel(1);
    let alarm = alarm_clock(ring).await?;
    tracker.spawn(consumers::run(
        context.clone(),
        outside.transports.clone(),
        stop.clone(),
    ));
    tracker.spawn(relay::run(context.clone(), outside.clone(), stop.clone()));
    tracker.spawn(requests::run(context.clone(), outside.clone(), stop.clone()));
    tracker.spawn(report_deliveries::run(context.clone(), stop.clone()));
    tracker.spawn(work_when_rung(
        context.clone(),
        outside.clone(),
        heard,
        stop.clone(),
    ));
    tracker.spawn(pay_withdrawals::run(
        context.clone(),
        outside.partners,
        stop.clone(),
    ));
    let served = health::serve(context, stop.clone()).await;
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    drop(alarm);
    served
}

/// Rings twice a minute, and once at the start. A ring that finds the bell still ringing is dropped: nothing is lost,
/// what is due stands in the table.
async fn alarm_clock(ring: tokio::sync::mpsc::Sender<()>) -> Result<JobScheduler> {
    let _ = ring.try_send(());
    let scheduler = JobScheduler::new().await.map_err(Error::internal)?;
    let alarm = Alarm::new("*/30 * * * * *", move |_, _| {
        let _ = ring.try_send(());
    });
    scheduler
        .add(alarm.map_err(Error::internal)?)
        .await
        .map_err(Error::internal)?;
    scheduler.start().await.map_err(Error::internal)?;
    Ok(scheduler)
}

async fn work_when_rung(
    context: Context,
    outside: Outside,
    mut heard: tokio::sync::mpsc::Receiver<()>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            rung = heard.recv() => if rung.is_none() { return },
        }
        if let Err(error) = engine::run_due(&context, Some(&outside)).await {
            tracing::warn!(error = %error.chain(), "cannot look for due jobs; trying again");
        }
    }
}
