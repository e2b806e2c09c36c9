//! Our own exchange and the two queues that hang off it: who hears of what.
//!
//! Partners declare the queues too, so ours are declared without arguments, and how long they may grow is a policy of the
//! broker's (`config/deploy/README.md`).

use kernel::config::MqConfig;
use kernel::error::{Error, Result};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use std::time::Duration;
use tokio::time::timeout;

/// For connecting and declaring.
pub(super) const BROKER_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds between heartbeats, unless the address names another number.
const HEARTBEAT: u16 = 10;
/// What earlier versions bound both queues by, so that each had everything and one that nobody reads grew for ever.
const EVERYTHING: &str = "#";

/// A connection to the exchange, with one channel.
pub(super) struct BrokerConnection {
    /// Held because its channel lives as long as it does.
    connection: Connection,
    pub(super) channel: Channel,
}

impl BrokerConnection {
    /// Opens one that the broker lists under this name; the exchange and its queues are there afterwards.
    ///
    /// # Errors
    /// When the broker is away, refuses, or takes too long.
    pub(super) async fn open(mq: &MqConfig, name: &str) -> Result<BrokerConnection> {
        use secrecy::ExposeSecret;
        let mut uri: AMQPUri = (mq.url.expose_secret().parse()).map_err(|_| {
            Error::params(
                "mq.url",
                "configuration: mq.url (INNER_MQ_CONFIG) is no AMQP address",
            )
        })?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let opening = async {
            let properties = ConnectionProperties::default().with_connection_name(name.into());
            let connection = Connection::connect_uri(uri, properties).await?;
            let channel = connection.create_channel().await?;
            declare(&channel, mq).await?;
            Ok(BrokerConnection { connection, channel })
        };
        in_time(opening).await
    }

    /// Whether it is still good.
    pub(super) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// How many messages wait in a queue.
    ///
    /// # Errors
    /// When the broker is away, or the queue is; then the connection is closed.
    pub(super) async fn depth(&self, queue: &str) -> Result<u32> {
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let asked = (self.channel).queue_declare(queue.into(), passive, FieldTable::default());
        Ok(in_time(asked).await?.message_count())
    }
}

async fn in_time<T>(work: impl Future<Output = lapin::Result<T>>) -> Result<T> {
    timeout(BROKER_TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
        .map_err(|error| Error::store_down("RabbitMQ", error))
}

/// The routing keys each queue is bound by: page accesses have the name of their queue for a key, business events their
/// own names.
fn bindings(mq: &MqConfig) -> Vec<(&str, &str)> {
    let page = mq.page_queue.as_str();
    let bi = std::iter::once(page).chain(mq.bi_keys.iter().map(String::as_str));
    std::iter::once((page, page))
        .chain(bi.map(|key| (mq.bi_queue.as_str(), key)))
        .collect()
}

/// Whether a queue of ours is bound by this key. What nobody wants must not be mandatory: it would come back for ever.
pub(super) fn is_wanted(mq: &MqConfig, key: &str) -> bool {
    bindings(mq).iter().any(|(_, bound)| *bound == key)
}

async fn declare(channel: &Channel, mq: &MqConfig) -> lapin::Result<()> {
    let exchange = mq.exchange.as_str();
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let none = FieldTable::default;
    channel
        .exchange_declare(exchange.into(), ExchangeKind::Topic, durable, none())
        .await?;
    let queues = [mq.page_queue.as_str(), mq.bi_queue.as_str()];
    for queue in queues {
        let bare = QueueDeclareOptions::durable();
        channel.queue_declare(queue.into(), bare, none()).await?;
    }
    for (queue, key) in bindings(mq) {
        let options = QueueBindOptions::default();
        channel
            .queue_bind(queue.into(), exchange.into(), key.into(), options, none())
            .await?;
    }
    // Last, so that nothing is missed in between.
    for queue in queues {
        channel
            .queue_unbind(queue.into(), exchange.into(), EVERYTHING.into(), none())
            .await?;
    }
    Ok(())
}
