//! A virtual host of the test's own, seen from the other side.

use anyhow::{Context as _, Result, ensure};
use lapin::options::{
    BasicAckOptions, BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use reqwest::Method;
use serde_json::Value;
use stack::{Endpoints, Policy};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

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

    /// Breaks the connections of this name, waiting until there is one to break.
    ///
    /// # Errors
    /// When none appears within 20 seconds.
    pub async fn break_connections(&self, name: &str) -> Result<()> {
        let rabbitmq = &self.endpoints.rabbitmq;
        let list = format!("/api/vhosts/{}/connections", self.vhost);
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let all = rabbitmq.call(Method::GET, &list, None).await?.unwrap_or_default();
            let ours = all.as_array().into_iter().flatten();
            let ours: Vec<&str> = ours
                .filter(|connection| connection["client_properties"]["connection_name"] == name)
                .filter_map(|connection| connection["name"].as_str())
                .collect();
            for id in &ours {
                let path = format!("/api/connections/{}", id.replace(' ', "%20").replace('>', "%3E"));
                rabbitmq.call(Method::DELETE, &path, None).await?;
            }
            if !ours.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "nobody is connected as {name}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Binds durable queues to a durable topic exchange by routing keys.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn bind(&self, exchange: &str, bindings: &[(&str, &str)]) -> Result<()> {
        let (connection, channel) = self.open().await?;
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let none = FieldTable::default;
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, durable, none())
            .await?;
        for (queue, key) in bindings.iter().copied() {
            let options = QueueDeclareOptions::durable();
            channel.queue_declare(queue.into(), options, none()).await?;
            let options = QueueBindOptions::default();
            channel
                .queue_bind(queue.into(), exchange.into(), key.into(), options, none())
                .await?;
        }
        Ok(connection.close(200, "done".into()).await?)
    }

    /// What hangs off an exchange: queues and their routing keys.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn bindings(&self, exchange: &str) -> Result<BTreeSet<(String, String)>> {
        let path = format!("/api/exchanges/{}/{exchange}/bindings/source", self.vhost);
        let all = self.endpoints.rabbitmq.call(Method::GET, &path, None).await?;
        let all = all.with_context(|| format!("there is no exchange {exchange}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = all.as_array().into_iter().flatten();
        Ok(all
            .map(|binding| (text(&binding["destination"]), text(&binding["routing_key"])))
            .collect())
    }

    /// Limits queues.
    ///
    /// # Errors
    /// When RabbitMQ is away.
    pub async fn limit(&self, policy: &Policy) -> Result<()> {
        self.endpoints.set_policy(&self.vhost, policy).await
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
