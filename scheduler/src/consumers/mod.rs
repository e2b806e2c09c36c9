//! Robot events: from the broker into the inbox, from the inbox into the rooms.
//!
//! A message is acknowledged when its inbox row has committed; handling it is a transaction of its own. So a broker or a
//! database that goes away delays events and loses none, and several replicas side by side handle each event once.

mod broker;
pub mod handle;
pub mod intake;
mod pace;
pub mod worker;

use kernel::Context;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use transport::RobotTransport;

/// Takes messages in and handles them until told to stop.
pub async fn run(context: Context, transport: Arc<dyn RobotTransport>, stop: CancellationToken) {
    let arrived = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    tasks.spawn(broker::consume_for_ever(
        context.clone(),
        transport.clone(),
        arrived.clone(),
        stop.clone(),
    ));
    for _ in 0..context.config.scheduler.event_workers.max(1) {
        tasks.spawn(worker::work(
            context.clone(),
            transport.clone(),
            arrived.clone(),
            stop.clone(),
        ));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a consumer of robot events ended unexpectedly");
        }
    }
}
