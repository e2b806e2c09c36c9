//! How much waits in the queues that others read from us: nobody else would notice that they stopped.

use super::exchange::BrokerConnection;
use kernel::config::MqConfig;
use kernel::error::Result;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// Keeps the gauges of both queues true until told to stop. While the broker is away they keep their last value.
pub(super) async fn watch(mq: &MqConfig, stop: &CancellationToken) {
    let mut connection = None;
    loop {
        if let Err(error) = measure(mq, &mut connection).await {
            connection = None;
            tracing::warn!(
                error = error.chain(),
                "the depth of our queues could not be measured"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn measure(mq: &MqConfig, connection: &mut Option<BrokerConnection>) -> Result<()> {
    let open = match connection.take().filter(BrokerConnection::is_open) {
        Some(open) => open,
        None => BrokerConnection::open(mq, "gpet queue depth").await?,
    };
    for queue in [&mq.page_queue, &mq.bi_queue] {
        let depth = open.depth(queue).await?;
        metrics::gauge!("gpet_queue_depth", "queue" => queue.clone()).set(f64::from(depth));
    }
    *connection = Some(open);
    Ok(())
}
