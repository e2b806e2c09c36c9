//! The gateway's broker: connected to for ever, whatever becomes of connections and channels.
//!
//! The broker hands out messages by number, whatever their size. So a start is careful: few messages are in flight until
//! so many ordinary ones came in a row, and after one that is too large it is careful again. A process that large
//! messages killed would otherwise be given the same ones at once again, for ever.

use super::pace::Pace;
use crate::{Intake, RawMessage, RobotTransport};
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
    let mut pace = Pace::default();
    while !stop.is_cancelled() {
        let connected = metrics::gauge!("gpet_gateway_broker_connected");
        match connect(config, pace.prefetch()).await {
            Ok((connection, channel, consumers)) => {
                connected.set(1);
                pause = PAUSES.0;
                let consumption = Consumption {
                    transport,
                    intake,
                    stop,
                };
                let paced = consumption.run(consumers, &mut pace).await;
                // Either may be gone already; what was not acknowledged comes again.
                let _ = channel.close(200, "done".into()).await;
                let _ = connection.close(200, "done".into()).await;
                if paced {
                    continue;
                }
                connected.set(0);
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
async fn connect(
    config: &GatewayConfig,
    prefetch: u16,
) -> Result<(Connection, Channel, Vec<Consumer>), Error> {
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
    let consumers = subscribe(&channel, &config.exchange, &config.queues, prefetch)
        .await
        .map_err(down)?;
    Ok((connection, channel, consumers))
}

async fn subscribe(
    channel: &Channel,
    exchange: &str,
    queues: &[String],
    prefetch: u16,
) -> lapin::Result<Vec<Consumer>> {
    let name = ShortString::from;
    let none = FieldTable::default;
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
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

/// What takes messages in.
struct Consumption<'a> {
    transport: &'a dyn RobotTransport,
    intake: &'a Intake,
    stop: &'a CancellationToken,
}

impl Consumption<'_> {
    /// Takes messages in, as many at once as are there, until something breaks or it is told to stop. True when it
    /// ends only because another number in flight is called for.
    async fn run(&self, consumers: Vec<Consumer>, pace: &mut Pace) -> bool {
        let mut batches = select_all(consumers).ready_chunks(pace.prefetch().into());
        loop {
            let batch = tokio::select! {
                batch = batches.next() => batch,
                () = self.stop.cancelled() => return false,
            };
            let Some(batch) = batch else {
                tracing::warn!("the gateway's broker ended the subscription");
                return false;
            };
            let (good, broken): (Vec<_>, Vec<_>) = batch.into_iter().partition(Result::is_ok);
            let deliveries: Vec<Delivery> = good.into_iter().flatten().collect();
            let changed = pace.saw(deliveries.iter().map(|delivery| delivery.data.len()));
            if !self.take_in(deliveries).await {
                return false;
            }
            if let Some(Err(error)) = broken.into_iter().next() {
                tracing::warn!(%error, "the gateway's broker dropped the channel");
                return false;
            }
            if changed {
                return true;
            }
        }
    }

    /// False when the channel is no use any more; what was not acknowledged comes again and is known then.
    async fn take_in(&self, deliveries: Vec<Delivery>) -> bool {
        let (mut ackers, mut messages) = (Vec::new(), Vec::new());
        for delivery in deliveries {
            ackers.push(delivery.acker);
            messages.push(RawMessage {
                message_id: delivery.properties.message_id().as_ref().map(ToString::to_string),
                body: delivery.data,
            });
        }
        if !messages.is_empty() && !self.intake.store(self.transport, &messages, self.stop).await {
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
}
