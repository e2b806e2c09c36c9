//! Listens in on the gateway's own exchange, so that the books also know of groups and people that come from
//! events somebody else published. Without it, `bind_group` could not name the user in its success event.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use lapin::ExchangeKind;
use lapin::options::{BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use tokio::task::AbortHandle;

use crate::gateway::books::Books;
use crate::gateway::broker::{OURS, connect};
use crate::gateway::event::{COMMON, EXCHANGE, Event};

/// Events that tell of something the gateway has to know for its answers.
const HEARD: [&str; 2] = ["wait_for_bind", "robot_added"];

/// The listener; stops when dropped.
pub struct Tap(AbortHandle);

impl Tap {
    /// Listens at the broker at `url` until dropped, reconnecting when it goes away.
    pub fn start(url: String, books: Arc<Mutex<Books>>) -> Self {
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&url, &books).await {
                    tracing::debug!("gateway tap: {error:#}");
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen(url: &str, books: &Mutex<Books>) -> Result<()> {
    let none = FieldTable::default;
    let connection = connect(url, "simulator: tap").await?;
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, none())
        .await?;
    let own = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..Default::default()
    };
    let queue = channel.queue_declare("".into(), own, none()).await?;
    let name = queue.name().clone();
    channel
        .queue_bind(
            name.clone(),
            EXCHANGE.into(),
            COMMON.into(),
            QueueBindOptions::default(),
            none(),
        )
        .await?;
    let unacknowledged = BasicConsumeOptions {
        no_ack: true,
        ..Default::default()
    };
    let mut deliveries = channel
        .basic_consume(name, "".into(), unacknowledged, none())
        .await?;
    while let Some(delivery) = deliveries.next().await {
        let delivery = delivery?;
        if delivery
            .properties
            .app_id()
            .as_ref()
            .is_some_and(|app| app.as_str() == OURS)
        {
            continue;
        }
        let Ok(event) = serde_json::from_slice::<Event>(&delivery.data) else {
            continue;
        };
        if HEARD.contains(&event.command.as_str()) {
            books
                .lock()
                .expect("no holder of this lock panics")
                .observe(&event);
        }
    }
    Ok(())
}
