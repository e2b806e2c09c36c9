//! The gateway's broker: connected to for ever, whatever becomes of connections and channels.

use crate::{Intake, Raw, RobotTransport};
use futures::StreamExt;
use futures::stream::select_all;
use kernel::Error;
use kernel::config::GatewayConfig;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::{FieldTable, ShortString};
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Messages in flight, and the most that are filed at once.
const PREFETCH: u16 = 200;
/// A silent broker is noticed after two of these.
const HEARTBEAT_SECONDS: u16 = 10;
const CONNECT_MILLISECONDS: u64 = 10_000;
/// Waits between connections: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// Consumes until told to stop; a lost connection or channel is made anew.
pub(super) async fn consume_for_ever(
    config: &GatewayConfig,
    transport: &dyn RobotTransport,
    intake: &Intake,
    stop: &CancellationToken,
) {
    let mut pause = PAUSES.0;
    while !stop.is_cancelled() {
        let connected = metrics::gauge!("gpet_gateway_broker_connected");
        match connect(config).await {
            Ok((connection, channel, consumers)) => {
                connected.set(1);
                pause = PAUSES.0;
                consume(transport, intake, stop, consumers).await;
                connected.set(0);
                // Either may be gone already; what was not acknowledged comes again.
                let _ = channel.close(200, "done".into()).await;
                let _ = connection.close(200, "done".into()).await;
            }
            Err(error) => {
                connected.set(0);
                tracing::warn!(error = %error.chain(), "the gateway's broker is not available");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSES.1),
            () = stop.cancelled() => {}
        }
    }
}

/// One channel that consumes every queue, declared as partners declare them: durable, without arguments.
async fn connect(config: &GatewayConfig) -> Result<(Connection, Channel, Vec<Consumer>), Error> {
    let mut uri: AMQPUri = config
        .mq_url
        .expose_secret()
        .parse()
        .map_err(|_| Error::internal("gateway.mq_url (MQ_CONFIG) is not an AMQP address"))?;
    uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
    uri.query.connection_timeout.get_or_insert(CONNECT_MILLISECONDS);
    let properties = ConnectionProperties::default().with_connection_name("gpet robot events".into());
    let down = |error: lapin::Error| Error::store_down("the gateway's broker", error);
    let connection = Connection::connect_uri(uri, properties).await.map_err(down)?;
    let channel = connection.create_channel().await.map_err(down)?;
    let consumers = subscribe(&channel, &config.exchange, &config.queues)
        .await
        .map_err(down)?;
    Ok((connection, channel, consumers))
}

async fn subscribe(channel: &Channel, exchange: &str, queues: &[String]) -> lapin::Result<Vec<Consumer>> {
    let name = ShortString::from;
    let none = FieldTable::default;
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    channel
        .exchange_declare(name(exchange), ExchangeKind::Topic, durable, none())
        .await?;
    let mut consumers = Vec::new();
    for queue in queues {
        let queue = name(queue.as_str());
        let durable = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        channel.queue_declare(queue.clone(), durable, none()).await?;
        let binding = QueueBindOptions::default();
        channel
            .queue_bind(queue.clone(), name(exchange), queue.clone(), binding, none())
            .await?;
        let options = BasicConsumeOptions::default();
        consumers.push(channel.basic_consume(queue, name(""), options, none()).await?);
    }
    Ok(consumers)
}

/// Takes messages in, as many at once as are there, until something breaks or it is told to stop.
async fn consume(
    transport: &dyn RobotTransport,
    intake: &Intake,
    stop: &CancellationToken,
    consumers: Vec<Consumer>,
) {
    let mut batches = select_all(consumers).ready_chunks(PREFETCH.into());
    loop {
        let batch = tokio::select! {
            batch = batches.next() => batch,
            () = stop.cancelled() => return,
        };
        let Some(batch) = batch else {
            tracing::warn!("the gateway's broker ended the subscription");
            return;
        };
        let (good, broken): (Vec<_>, Vec<_>) = batch.into_iter().partition(Result::is_ok);
        let deliveries: Vec<Delivery> = good.into_iter().flatten().collect();
        if !take_in(transport, intake, deliveries, stop).await {
            return;
        }
        if let Some(Err(error)) = broken.into_iter().next() {
            tracing::warn!(%error, "the gateway's broker dropped the channel");
            return;
        }
    }
}

/// False when the channel is no use any more; what was not acknowledged comes again and is known then.
async fn take_in(
    transport: &dyn RobotTransport,
    intake: &Intake,
    deliveries: Vec<Delivery>,
    stop: &CancellationToken,
) -> bool {
    let (mut ackers, mut messages) = (Vec::new(), Vec::new());
    for delivery in deliveries {
        ackers.push(delivery.acker);
        messages.push(Raw {
            message_id: delivery.properties.message_id().as_ref().map(ToString::to_string),
            body: delivery.data,
        });
    }
    if !messages.is_empty() && !intake.store(transport, &messages, stop).await {
        return false;
    }
    for acker in ackers {
        if let Err(error) = acker.ack(BasicAckOptions::default()).await {
            tracing::warn!(%error, "a robot event could not be acknowledged");
            return false;
        }
    }
    true
}
