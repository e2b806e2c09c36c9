//! Letting everything come to rest: no sleeping, no guessing.

use crate::{App, Broker, broker};
use anyhow::{Result, ensure};
use kernel::Context;
use lapin::options::BasicAckOptions;
use scheduler::consumers::intake::{self, Raw};
use scheduler::{consumers, relay};
use transport::RobotTransport;

/// More rounds than any chain of commands and events has links.
const ROUNDS: usize = 50;

impl App {
    /// Takes in what the gateway said, handles it, and carries out what follows, until nothing moves any more. What is
    /// put off to a later time stays.
    ///
    /// # Errors
    /// When a store or the broker is away.
    pub async fn drain(&self) -> Result<()> {
        for _ in 0..ROUNDS {
            self.simulator.settle().await?;
            let robots = self.partners.robots.as_ref();
            let arrived = file_arrivals(&self.context, &self.gateway, robots).await?;
            let handled = consumers::worker::drain(&self.context, robots).await?;
            let carried = relay::drain(&self.context, &self.partners).await?;
            if arrived + handled + carried == 0 {
                return Ok(());
            }
        }
        ensure!(false, "still moving after {ROUNDS} rounds");
        Ok(())
    }
}

/// Files what is in the gateway's queues now, as the consumer would; tells how many messages that were.
///
/// # Errors
/// When PostgreSQL or the broker is away.
pub async fn file_arrivals(
    context: &Context,
    gateway: &Broker,
    transport: &dyn RobotTransport,
) -> Result<usize> {
    let (connection, channel) = gateway.open().await?;
    let mut count = 0;
    for queue in &context.config.gateway.queues {
        let taken = broker::take(&channel, queue).await?;
        let raws: Vec<Raw> = taken
            .iter()
            .map(|(_, message)| Raw {
                message_id: message.id.clone(),
                body: message.bytes.clone(),
            })
            .collect();
        if !raws.is_empty() {
            intake::receive(context, transport, &raws).await?;
        }
        for (delivery, _) in &taken {
            delivery.acker.ack(BasicAckOptions::default()).await?;
        }
        count += taken.len();
    }
    connection.close(200, "done".into()).await?;
    Ok(count)
}
