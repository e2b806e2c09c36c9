//! Business and tracking events, to our own exchange on RabbitMQ.
//!
//! The connection is built anew after any trouble, for ever: lapin's own recovery leaves errors of a channel to its user
//! and gives nothing to wait for on a broker that is merely blocked. An event counts as delivered when the broker has
//! confirmed it and, where a queue of ours wants it, has not sent it back; one that was sent but not confirmed goes out again with the same message id.

use super::courier::{Courier, DeliveryResult};
use super::exchange::{BROKER_TIMEOUT, BrokerConnection, is_wanted};
use async_trait::async_trait;
use chrono::TimeDelta;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kernel::config::MqConfig;
use kernel::error::{Error, Result};
use kernel::outbox::{ClaimedMessage, Destination};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::time::{Instant, timeout_at};

/// The wait after a fault that is not the message's.
const SOON: TimeDelta = TimeDelta::seconds(1);
/// AMQP's delivery mode for messages that survive a restart of the broker.
const PERSISTENT: u8 = 2;

/// Carries events to the exchange that both readers' queues hang off.
pub(super) struct Events {
    mq: MqConfig,
    connection: Option<BrokerConnection>,
}

impl Events {
    pub(super) fn new(mq: &MqConfig) -> Self {
        Events {
            mq: mq.clone(),
            connection: None,
        }
    }

    async fn open(&self) -> Result<BrokerConnection> {
        let connection = BrokerConnection::open(&self.mq, "gpet relay").await?;
        let confirms = connection.channel.confirm_select(ConfirmSelectOptions::default());
        confirms
            .await
            .map_err(|error| Error::store_down("RabbitMQ", error))?;
        Ok(connection)
    }
}

/// Publishes them all, then waits for the confirms. What is not known at the end has no result.
async fn publish(
    channel: &Channel,
    mq: &MqConfig,
    messages: &[ClaimedMessage],
) -> (Vec<Option<DeliveryResult>>, Option<String>) {
    let mut results = vec![None; messages.len()];
    let deadline = Instant::now() + BROKER_TIMEOUT;
    let mut confirms = FuturesUnordered::new();
    let mut trouble = None;
    for (place, message) in messages.iter().enumerate() {
        let properties = BasicProperties::default()
            .with_message_id(message.id.to_string().into())
            .with_content_type("application/json".into())
            .with_delivery_mode(PERSISTENT);
        let payload = message.payload.to_string().into_bytes();
        let options = BasicPublishOptions {
            mandatory: is_wanted(mq, &message.topic),
            ..BasicPublishOptions::default()
        };
        let (exchange, key) = (mq.exchange.as_str().into(), message.topic.as_str().into());
        let sending = channel.basic_publish(exchange, key, options, &payload, properties);
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
            Ok(Some((place, Ok(confirmation)))) => {
                results[place] = Some(result(&messages[place], confirmation))
            }
            Ok(Some((_, Err(error)))) => trouble = Some(error.to_string()),
            Err(_) => {
                trouble = Some("RabbitMQ does not confirm".to_owned());
                break;
            }
        }
    }
    (results, trouble)
}

fn result(message: &ClaimedMessage, confirmation: Confirmation) -> DeliveryResult {
    match confirmation {
        Confirmation::Ack(None) => DeliveryResult::Delivered,
        Confirmation::Ack(Some(returned)) => {
            DeliveryResult::later(message, format!("returned: {}", returned.reply_text))
        }
        Confirmation::Nack(_) => DeliveryResult::later(message, "not accepted by RabbitMQ"),
        Confirmation::NotRequested => DeliveryResult::later(message, "RabbitMQ was not asked to confirm"),
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
        if !self.connection.as_ref().is_some_and(BrokerConnection::is_open) {
            self.connection = None;
            self.connection = Some(self.open().await?);
        }
        Ok(())
    }

    async fn carry(&mut self, messages: &[ClaimedMessage]) -> Vec<DeliveryResult> {
        let Some(connection) = &self.connection else {
            return vec![DeliveryResult::Again(SOON, "no connection".to_owned()); messages.len()];
        };
        let (results, trouble) = publish(&connection.channel, &self.mq, messages).await;
        let returned = results
            .iter()
            .any(|result| matches!(result, Some(DeliveryResult::Again(..))));
        if trouble.is_some() || returned {
            // A queue that was deleted is declared again with the next connection.
            self.connection = None;
        }
        let why = trouble.unwrap_or_default();
        results
            .into_iter()
            .map(|result| result.unwrap_or_else(|| DeliveryResult::Again(SOON, why.clone())))
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
        assert_eq!(
            result(&message, Confirmation::Ack(None)),
            DeliveryResult::Delivered
        );
        for confirmation in [Confirmation::Nack(None), Confirmation::NotRequested] {
            assert!(matches!(
                result(&message, confirmation),
                DeliveryResult::Again(..)
            ));
        }
    }
}
