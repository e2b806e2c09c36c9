//! Business and tracking events, to our own exchange on RabbitMQ.
//!
//! The connection is built anew after any trouble, for ever: lapin's own recovery leaves errors of a channel to its user
//! and gives nothing to wait for on a broker that is merely blocked. An event counts as delivered when the broker has
//! confirmed it and, where a queue of ours wants it, has not sent it back; one that was sent but not confirmed goes out again with the same message id.

use super::courier::{Courier, Fate};
use super::exchange::{PATIENCE, Way, is_wanted};
use async_trait::async_trait;
use chrono::TimeDelta;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kernel::config::MqConfig;
use kernel::error::{Error, Result};
use kernel::outbox::{Claimed, Destination};
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
    way: Option<Way>,
}

impl Events {
    pub(super) fn new(mq: &MqConfig) -> Self {
        Events {
            mq: mq.clone(),
            way: None,
        }
    }

    async fn open(&self) -> Result<Way> {
        let way = Way::open(&self.mq, "gpet relay").await?;
        let confirms = way.channel.confirm_select(ConfirmSelectOptions::default());
        confirms
            .await
            .map_err(|error| Error::store_down("RabbitMQ", error))?;
        Ok(way)
    }
}

/// Publishes them all, then waits for the confirms. What is not known at the end has no fate.
async fn publish(
    channel: &Channel,
    mq: &MqConfig,
    messages: &[Claimed],
) -> (Vec<Option<Fate>>, Option<String>) {
    let mut fates = vec![None; messages.len()];
    let deadline = Instant::now() + PATIENCE;
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
        if !self.way.as_ref().is_some_and(Way::is_open) {
            self.way = None;
            self.way = Some(self.open().await?);
        }
        Ok(())
    }

    async fn carry(&mut self, messages: &[Claimed]) -> Vec<Fate> {
        let Some(way) = &self.way else {
            return vec![Fate::Again(SOON, "no connection".to_owned()); messages.len()];
        };
        let (fates, trouble) = publish(&way.channel, &self.mq, messages).await;
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
