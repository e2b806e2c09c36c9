//! A virtual host of the test's own, seen from the other side.

use anyhow::{Context as _, Result};
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use reqwest::Method;
use serde_json::Value;
use stack::Endpoints;

/// One virtual host.
pub struct Broker {
    pub(crate) endpoints: Endpoints,
    pub(crate) vhost: String,
}

/// A message taken from a queue.
#[derive(Debug, Clone)]
pub struct Message {
    /// AMQP message id.
    pub id: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Message {
    /// Its body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.bytes).context("the message is no JSON")
    }
}

impl Broker {
    /// A channel on a connection of its own; it closes with the connection.
    ///
    /// # Errors
    /// When the broker or the virtual host is away.
    pub async fn open(&self) -> Result<(Connection, Channel)> {
        let url = self.endpoints.rabbitmq.url(&self.vhost);
        let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        Ok((connection, channel))
    }

    /// Takes everything that is in a queue now.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn take(&self, queue: &str) -> Result<Vec<Message>> {
        let (connection, channel) = self.open().await?;
        let messages = take(&channel, queue).await?;
        for (message, _) in &messages {
            message.acker.ack(BasicAckOptions::default()).await?;
        }
        connection.close(200, "done".into()).await?;
        Ok(messages.into_iter().map(|(_, message)| message).collect())
    }

    /// How many messages are in a queue now.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn depth(&self, queue: &str) -> Result<u32> {
        let (connection, channel) = self.open().await?;
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let found = channel
            .queue_declare(queue.into(), passive, FieldTable::default())
            .await?;
        connection.close(200, "done".into()).await?;
        Ok(found.message_count())
    }

    /// Takes the virtual host away with everything in it.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn delete(&self) -> Result<()> {
        self.endpoints.delete_vhost(&self.vhost).await
    }

    /// Makes it again, empty.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn create(&self) -> Result<()> {
        self.endpoints.create_vhost(&self.vhost).await
    }

    /// Lets nobody publish to exchanges, or everybody again.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn let_write(&self, allowed: bool) -> Result<()> {
        let rabbitmq = &self.endpoints.rabbitmq;
        let write = if allowed { ".*" } else { "^$" };
        let rights = serde_json::json!({"configure": ".*", "write": write, "read": ".*"});
        let path = format!("/api/permissions/{}/{}", self.vhost, rabbitmq.user);
        rabbitmq.call(Method::PUT, &path, Some(rights)).await.map(|_| ())
    }
}

/// Everything in a queue, not yet acknowledged.
pub(crate) async fn take(channel: &Channel, queue: &str) -> Result<Vec<(lapin::message::Delivery, Message)>> {
    let mut messages = Vec::new();
    while let Some(got) = channel
        .basic_get(queue.into(), BasicGetOptions::default())
        .await?
    {
        let message = Message {
            id: got
                .delivery
                .properties
                .message_id()
                .as_ref()
                .map(ToString::to_string),
            bytes: got.delivery.data.clone(),
        };
        messages.push((got.delivery, message));
    }
    Ok(messages)
}
