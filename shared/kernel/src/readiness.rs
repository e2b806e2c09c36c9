//! Whether the stores are there, each by name.

use super::db;
use super::error::{Error, Result};
use crate::Context;
use deadpool_redis::redis;
use futures::future::join3;
use lapin::{Connection, ConnectionProperties};
use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// A store that takes longer than this is as good as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which stores answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Readiness {
    #[serde(serialize_with = "word")]
    pub postgresql: bool,
    #[serde(serialize_with = "word")]
    pub redis: bool,
    #[serde(serialize_with = "word")]
    pub rabbitmq: bool,
}

impl Readiness {
    /// Asks all of them at once.
    pub async fn of(context: &Context) -> Self {
        let (postgresql, redis, rabbitmq) = join3(
            answers(postgresql(context)),
            answers(redis(context)),
            answers(rabbitmq(context)),
        )
        .await;
        Readiness {
            postgresql,
            redis,
            rabbitmq,
        }
    }

    /// Names of those that do not answer.
    pub fn down(&self) -> Vec<&'static str> {
        let stores = [
            ("PostgreSQL", self.postgresql),
            ("Redis", self.redis),
            ("RabbitMQ", self.rabbitmq),
        ];
        let down = stores.into_iter().filter(|(_, up)| !up);
        down.map(|(name, _)| name).collect()
    }
}

fn word<S: Serializer>(up: &bool, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(if *up { "up" } else { "down" })
}

async fn answers(probe: impl Future<Output = Result<()>>) -> bool {
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::debug!(cause = error.chain(), "a store is not available");
            false
        }
        Err(_) => false,
    }
}

async fn postgresql(context: &Context) -> Result<()> {
    db::execute(context.db.autocommit(), "SELECT 1", [])
        .await
        .map(|_| ())
}

async fn redis(context: &Context) -> Result<()> {
    context.cache.run::<String>(&redis::cmd("PING")).await.map(|_| ())
}

async fn rabbitmq(context: &Context) -> Result<()> {
    let down = |error| Error::store_down("RabbitMQ", error);
    let url = context.config.mq.url.expose_secret();
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .map_err(down)?;
    connection.close(200, "probed".into()).await.map_err(down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_named() {
        let readiness = Readiness {
            postgresql: true,
            redis: false,
            rabbitmq: false,
        };
        assert_eq!(readiness.down(), ["Redis", "RabbitMQ"]);
        let told = serde_json::json!({"postgresql": "up", "redis": "down", "rabbitmq": "down"});
        assert_eq!(serde_json::to_value(readiness).unwrap(), told);
    }
}
