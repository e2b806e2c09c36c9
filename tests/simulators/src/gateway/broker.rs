//! The gateway's hand on RabbitMQ: publishes with confirms, reconnects for ever, loses nothing it accepted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{interval, sleep, timeout};

use crate::gateway::event::{COMMON, EXCHANGE, MEMBERS, MESSAGES};

/// The `app_id` on what the simulator publishes itself.
pub(super) const OURS: &str = "gateway-simulator";
/// Messages published before their confirms are awaited.
const WINDOW: usize = 256;
/// How long the broker may take for anything.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pause between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(300);

/// A message on its way out.
pub struct Letter {
    /// Routing key.
    pub routing_key: String,
    /// Body.
    pub payload: Vec<u8>,
    /// AMQP message id.
    pub message_id: Option<String>,
}

struct Posted {
    letter: Letter,
    confirmed: oneshot::Sender<()>,
}

/// Accepts letters and publishes them in the order they came.
pub struct Broker {
    letters: mpsc::UnboundedSender<Posted>,
    connected: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Broker {
    /// Starts publishing to the broker at `url`; it need not be there yet.
    pub fn start(url: String) -> Self {
        let (letters, inbox) = mpsc::unbounded_channel();
        let connected = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(publish_all(url, inbox, connected.clone())).abort_handle();
        Self {
            letters,
            connected,
            task,
        }
    }

    /// Hands a letter over. The receiver hears when the broker has confirmed it.
    pub fn post(&self, letter: Letter) -> oneshot::Receiver<()> {
        let (confirmed, receiver) = oneshot::channel();
        // The task ends only with this value, so the channel is open.
        let _ = self.letters.send(Posted { letter, confirmed });
        receiver
    }

    /// Whether the last attempt to reach the broker worked.
    pub fn connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn publish_all(url: String, mut inbox: mpsc::UnboundedReceiver<Posted>, connected: Arc<AtomicBool>) {
    let mut waiting = VecDeque::new();
    loop {
        let result = publish_until_failure(&url, &mut inbox, &mut waiting, &connected).await;
        let was_connected = connected.swap(false, Ordering::Relaxed);
        match result {
            Ok(()) => return,
            Err(error) if was_connected => tracing::warn!("lost the gateway's broker: {error:#}"),
            Err(error) => tracing::debug!("no gateway broker yet: {error:#}"),
        }
        sleep(PAUSE).await;
    }
}

/// Returns when the inbox is closed; an error means to connect again. What is in `waiting` is not confirmed yet.
async fn publish_until_failure(
    url: &str,
    inbox: &mut mpsc::UnboundedReceiver<Posted>,
    waiting: &mut VecDeque<Posted>,
    connected: &AtomicBool,
) -> Result<()> {
    let connection = connect(url, "simulator: robot gateway").await?;
    let channel = timeout(PATIENCE, open(&connection))
        .await
        .context("the broker is slow")??;
    connected.store(true, Ordering::Relaxed);
    tracing::info!("reached the gateway's broker");
    let mut watch = interval(PAUSE);
    let mut batch = Vec::new();
    loop {
        publish(&channel, waiting).await?;
        tokio::select! {
            taken = inbox.recv_many(&mut batch, WINDOW) => {
                if taken == 0 {
                    return Ok(());
                }
                waiting.extend(batch.drain(..));
            }
            _ = watch.tick() => ensure!(connection.status().connected(), "the connection is closed"),
        }
    }
}

async fn publish(channel: &Channel, waiting: &mut VecDeque<Posted>) -> Result<()> {
    let mut confirms = Vec::with_capacity(waiting.len());
    for Posted { letter, .. } in waiting.iter() {
        let mut properties = BasicProperties::default()
            .with_content_type("json".into())
            .with_app_id(OURS.into())
            .with_delivery_mode(2);
        if let Some(id) = &letter.message_id {
            properties = properties.with_message_id(id.as_str().into());
        }
        let options = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let key = letter.routing_key.as_str().into();
        let sent = channel.basic_publish(EXCHANGE.into(), key, options, &letter.payload, properties);
        confirms.push(timeout(PATIENCE, sent).await.context("publishing hangs")??);
    }
    for confirm in confirms {
        let answer = timeout(PATIENCE, confirm).await.context("no confirm came")??;
        ensure!(
            matches!(answer, Confirmation::Ack(_)),
            "the broker refused a message"
        );
        let posted = waiting.pop_front().context("a confirm without a message")?;
        if let Some(returned) = answer.take_message() {
            tracing::warn!(
                "no queue for {}: {}",
                posted.letter.routing_key,
                returned.reply_text
            );
        }
        let _ = posted.confirmed.send(()); // nobody has to listen
    }
    Ok(())
}

/// Connects within a moment, or says what went wrong.
pub(super) async fn connect(url: &str, name: &str) -> Result<Connection> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    timeout(PATIENCE, Connection::connect(url, properties))
        .await
        .context("the broker is slow")?
        .context("connect")
}

/// A confirming channel on which the gateway's exchange and queues exist.
async fn open(connection: &Connection) -> Result<Channel> {
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .exchange_declare(
            EXCHANGE.into(),
            ExchangeKind::Topic,
            durable,
            FieldTable::default(),
        )
        .await?;
    for queue in [MESSAGES, MEMBERS, COMMON] {
        let none = FieldTable::default;
        channel
            .queue_declare(queue.into(), QueueDeclareOptions::durable(), none())
            .await?;
        channel
            .queue_bind(
                queue.into(),
                EXCHANGE.into(),
                queue.into(),
                QueueBindOptions::default(),
                none(),
            )
            .await?;
    }
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}
