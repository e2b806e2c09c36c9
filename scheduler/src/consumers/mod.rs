//! Robot events: from the chat networks into the inbox, from the inbox into the rooms.
//!
//! A message is acknowledged when its inbox row has committed; handling it is a transaction of its own. So a network or a
//! database that goes away delays events and loses none, and several replicas side by side handle each event once.

pub mod handle;
pub mod worker;

use kernel::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use transport::{Intake, Transports};

/// Takes messages in from every network and handles them until told to stop.
pub async fn run(context: Context, transports: Transports, stop: CancellationToken) {
    let intake = Intake::new(context.clone());
    let mut tasks = JoinSet::new();
    for transport in transports.all() {
        let (transport, intake, stop) = (transport.clone(), intake.clone(), stop.clone());
        tasks.spawn(async move { transport.listen(&intake, &stop).await });
    }
    for _ in 0..context.config.scheduler.event_workers.max(1) {
        tasks.spawn(worker::work(intake.clone(), transports.clone(), stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a consumer of robot events ended unexpectedly");
        }
    }
}
