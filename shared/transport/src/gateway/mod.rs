//! The robot gateway: its messages come by AMQP, its commands go by HTTP. The only place that knows its JSON.

mod broker;
mod client;
mod fields;
mod filing;
mod pace;
mod read;
mod wire;

use crate::{
    Abilities, CommandOutcome, GroupCode, Intake, MessageKind, Network, RobotCode, RobotCommand, RobotEvent,
    RobotProfile, RobotTransport,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use client::Client;
use kernel::config::GatewayConfig;
use kernel::error::Result;
use kernel::inbox::Arrival;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The gateway as a robot transport.
#[derive(Debug, Clone)]
pub struct Gateway {
    client: Client,
    config: GatewayConfig,
}

impl Gateway {
    /// A client of the configured gateway. Connects when first used.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(config: &GatewayConfig) -> Result<Self> {
        Ok(Gateway {
            client: Client::new(config)?,
            config: config.clone(),
        })
    }
}

#[async_trait]
impl RobotTransport for Gateway {
    fn network(&self) -> Network {
        Network::gateway()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            bind: true,
            rename: true,
            member_lists: true,
            mention: true,
            kinds: &MessageKind::ALL,
            echo: false,
            unbound_send: false,
        }
    }

    async fn listen(&self, intake: &Intake, stop: &CancellationToken) {
        broker::consume_for_ever(&self.config, self, intake, stop).await;
    }

    fn file(&self, message_id: Option<&str>, body: &[u8], arrived_at: DateTime<Utc>) -> Arrival {
        filing::file(message_id, body, arrived_at)
    }

    fn read(&self, body: &[u8]) -> Result<RobotEvent> {
        let (command, body) = read::envelope(body)?;
        read::event(&command, &body)
    }

    fn repeatable(&self, command: &RobotCommand) -> bool {
        self.client.repeatable(command)
    }

    async fn execute(&self, id: Uuid, command: &RobotCommand) -> CommandOutcome {
        self.client.execute(id, command).await
    }

    async fn robot(&self, robot: &RobotCode) -> Result<RobotProfile> {
        self.client.robot(robot).await
    }

    async fn groups_of(&self, robot: &RobotCode) -> Result<Vec<GroupCode>> {
        self.client.groups_of(robot).await
    }
}
