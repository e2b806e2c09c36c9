//! Letting everything come to rest: no sleeping, no guessing.

use crate::{App, broker};
use anyhow::{Result, ensure};
use lapin::options::BasicAckOptions;
use scheduler::{consumers, relay};
use transport::{Intake, Network, RawMessage};

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
            let arrived = self.file_arrivals().await?;
            let handled = consumers::worker::drain(&self.context, &self.outside.transports).await?;
            let carried = relay::drain(&self.context, &self.outside).await?;
            if arrived + handled + carried == 0 {
                return Ok(());
            }
        }
        ensure!(false, "still moving after {ROUNDS} rounds");
        Ok(())
    }

    /// Files what the networks said until now, as the consumers would; tells how many messages that were.
    ///
    /// # Errors
    /// When PostgreSQL or the broker is away.
    pub async fn file_arrivals(&self) -> Result<usize> {
        let intake = Intake::new(self.context.clone());
        let mut count = match &self.other_network {
            Some(network) => network.hand_over(&intake).await?,
            None => 0,
        };
        let gateway = self.outside.transports.to(&Network::gateway())?;
        let (connection, channel) = self.gateway.open().await?;
        for queue in &self.context.config.gateway.queues {
            let taken = broker::take(&channel, queue).await?;
            let raws: Vec<RawMessage> = taken
                .iter()
                .map(|(_, message)| RawMessage {
                    message_id: message.id.clone(),
                    body: message.bytes.clone(),
                })
                .collect();
            if !raws.is_empty() {
                intake.receive(gateway.as_ref(), &raws).await?;
            }
            for (delivery, _) in &taken {
                delivery.acker.ack(BasicAckOptions::default()).await?;
            }
            count += taken.len();
        }
        connection.close(200, "done".into()).await?;
        Ok(count)
    }
}
