//! Business and tracking events, to our own exchange on RabbitMQ.
//!
//! The connection is built anew after any trouble, for ever: lapin's own recovery leaves errors of a channel to its user
//! and gives nothing to wait for on a broker that is merely blocked. An event counts as delivered when the broker has
//! confirmed it and has not sent it back; one that was sent but not confirmed goes out again with the same message id.

use super::courier::{Courier, Fate};
use async_trait::async_trait;
use chrono::TimeDelta;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kernel::config::MqConfig;
use kernel::error::{Error, Result};
use kernel::outbox::{Claimed, Destination};
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// For connecting and declaring, and for publishing a batch with its confirms.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds between heartbeats, unless the address names another number.
const HEARTBEAT: u16 = 10;
/// The wait after a fault that is not the message's.
const SOON: TimeDelta = TimeDelta::seconds(1);
/// AMQP's delivery mode for messages that survive a restart of the broker.
const PERSISTENT: u8 = 2;

/// Carries events to the exchange that both readers' queues hang off.
pub(super) struct Events {
    mq: MqConfig,
    way: Option<Way>,
}

struct Way {
    /// Held because its channel lives as long as it does.
    connection: Connection,
    channel: Channel,
}

impl Events {
    pub(super) fn new(mq: &MqConfig) -> Self {
        Events {
            mq: mq.clone(),
            way: None,
        }
    }

    async fn open(&self) -> Result<Way> {
        use secrecy::ExposeSecret;
        let mut uri: AMQPUri = (self.mq.url.expose_secret().parse()).map_err(|_| {
            Error::params(
                "mq.url",
                "configuration: mq.url (INNER_MQ_CONFIG) is no AMQP address",
            )
        })?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let opening = async {
            let properties = ConnectionProperties::default().with_connection_name("gpet relay".into());
            let connection = Connection::connect_uri(uri, properties).await?;
            let channel = connection.create_channel().await?;
            self.declare(&channel).await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            Ok(Way { connection, channel })
        };
        timeout(PATIENCE, opening)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
            .map_err(|error: lapin::Error| Error::store_down("RabbitMQ", error))
    }

    /// Partners declare these queues too, so they have no arguments. Each reader has its own copy of everything.
    async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let exchange = self.mq.exchange.as_str();
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        channel
            .exchange_declare(
                exchange.into(),
                ExchangeKind::Topic,
                durable,
                FieldTable::default(),
            )
            .await?;
        for queue in [self.mq.page_queue.as_str(), self.mq.bi_queue.as_str()] {
            channel
                .queue_declare(
                    queue.into(),
                    QueueDeclareOptions::durable(),
                    FieldTable::default(),
                )
                .await?;
            let everything = "#".into();
            channel
                .queue_bind(
                    queue.into(),
                    exchange.into(),
                    everything,
                    QueueBindOptions::default(),
                    FieldTable::default(),
                )
                .await?;
        }
        Ok(())
    }
}

/// Publishes them all, then waits for the confirms. What is not known at the end has no fate.
async fn publish(
    channel: &Channel,
    exchange: &str,
    messages: &[Claimed],
) -> (Vec<Option<Fate>>, Option<String>) {
    let mut fates = vec![None; messages.len()];
    let deadline = Instant::now() + PATIENCE;
    let mandatory = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let mut confirms = FuturesUnordered::new();
    let mut trouble = None;
    for (place, message) in messages.iter().enumerate() {
        let properties = BasicProperties::default()
            .with_message_id(message.id.to_string().into())
            .with_content_type("application/json".into())
            .with_delivery_mode(PERSISTENT);
        let payload = message.payload.to_string().into_bytes();
        let (exchange, key) = (exchange.into(), message.topic.as_str().into());
        let sending = channel.basic_publish(exchange, key, mandatory, &payload, properties);
        match timeout_at(deadline, sending).await {
            Ok(Ok(confirm)) => confirms.push(async move { (place, confirm.await) }),
            Ok(Err(error)) => trouble = Some(error.to_string()),
            Err(_) => trouble = Some("RabbitMQ takes no messages".to_owned()),
        }
        if trouble.is_some() {
            break;
        }
    }
    loop {
        match timeout_at(deadline, confirms.next()).await {
            Ok(None) => break,
            Ok(Some((place, Ok(confirmation)))) => fates[place] = Some(fate(&messages[place], confirmation)),
            Ok(Some((_, Err(error)))) => trouble = Some(error.to_string()),
            Err(_) => {
                trouble = Some("RabbitMQ does not confirm".to_owned());
                break;
            }
        }
    }
    (fates, trouble)
}

fn fate(message: &Claimed, confirmation: Confirmation) -> Fate {
    match confirmation {
        Confirmation::Ack(None) => Fate::Delivered,
        Confirmation::Ack(Some(returned)) => {
            Fate::later(message, format!("returned: {}", returned.reply_text))
        }
        Confirmation::Nack(_) => Fate::later(message, "not accepted by RabbitMQ"),
        Confirmation::NotRequested => Fate::later(message, "RabbitMQ was not asked to confirm"),
    }
}

#[async_trait]
impl Courier for Events {
    fn destination(&self) -> Destination {
        Destination::Event
    }

    fn batch(&self) -> i64 {
        500
    }

    async fn ready(&mut self) -> Result<()> {
        let open = |way: &Way| way.connection.status().connected() && way.channel.status().connected();
        if !self.way.as_ref().is_some_and(open) {
            self.way = None;
            self.way = Some(self.open().await?);
        }
        Ok(())
    }

    async fn carry(&mut self, messages: &[Claimed]) -> Vec<Fate> {
        let Some(way) = &self.way else {
            return vec![Fate::Again(SOON, "no connection".to_owned()); messages.len()];
        };
        let (fates, trouble) = publish(&way.channel, &self.mq.exchange, messages).await;
        let returned = fates.iter().any(|fate| matches!(fate, Some(Fate::Again(..))));
        if trouble.is_some() || returned {
            // A queue that was deleted is declared again with the next connection.
            self.way = None;
        }
        let why = trouble.unwrap_or_default();
        fates
            .into_iter()
            .map(|fate| fate.unwrap_or_else(|| Fate::Again(SOON, why.clone())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::courier::tests::claimed;
    use super::*;

    #[test]
    fn only_a_confirm_without_the_message_is_a_delivery() {
        let message = claimed(1, serde_json::json!({}));
        assert_eq!(fate(&message, Confirmation::Ack(None)), Fate::Delivered);
        for confirmation in [Confirmation::Nack(None), Confirmation::NotRequested] {
            assert!(matches!(fate(&message, confirmation), Fate::Again(..)));
        }
    }
}
