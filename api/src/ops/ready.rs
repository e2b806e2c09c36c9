//! Whether the stores are there, each by name.

use crate::edge::Edge;
use deadpool_redis::redis;
use futures::future::join3;
use lapin::{Connection, ConnectionProperties};
use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{IntoResponse, Response, handler};
use secrecy::ExposeSecret;
use shared::kernel::code::Code;
use shared::kernel::db;
use shared::{Error, Result};
use std::time::Duration;

/// A store that takes longer than this is as good as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// 200 when PostgreSQL, Redis and RabbitMQ answer, else 503; `data` tells of each.
#[handler]
pub async fn ready(edge: Data<&Edge>) -> Response {
    let edge = edge.0;
    let (postgresql, redis, rabbitmq) =
        join3(state(postgresql(edge)), state(redis(edge)), state(rabbitmq(edge))).await;
    let down: Vec<&str> = [
        ("PostgreSQL", postgresql),
        ("Redis", redis),
        ("RabbitMQ", rabbitmq),
    ]
    .into_iter()
    .filter_map(|(name, up)| (!up).then_some(name))
    .collect();
    let word = |up: bool| if up { "up" } else { "down" };
    let (status, code, msg) = match down.is_empty() {
        true => (StatusCode::OK, Code::ServiceSuccess, String::new()),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServiceUnavailable,
            format!("not available: {}", down.join(", ")),
        ),
    };
    let data = serde_json::json!({
        "postgresql": word(postgresql), "redis": word(redis), "rabbitmq": word(rabbitmq),
    });
    Json(serde_json::json!({ "code": code.number(), "data": data, "msg": msg }))
        .with_status(status)
        .into_response()
}

async fn state(probe: impl Future<Output = Result<()>>) -> bool {
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::debug!(cause = error.chain(), "a store is not available");
            false
        }
        Err(_) => false,
    }
}

async fn postgresql(edge: &Edge) -> Result<()> {
    db::execute(edge.db.read(), "SELECT 1", []).await.map(|_| ())
}

async fn redis(edge: &Edge) -> Result<()> {
    edge.cache.run::<String>(&redis::cmd("PING")).await.map(|_| ())
}

async fn rabbitmq(edge: &Edge) -> Result<()> {
    let down = |error| Error::store_down("RabbitMQ", error);
    let url = edge.config.mq.url.expose_secret();
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .map_err(down)?;
    connection.close(200, "probed".into()).await.map_err(down)
}
