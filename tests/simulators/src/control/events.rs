//! Routes that let robot events happen.

use std::time::Duration;

use futures::future::join_all;
use poem::error::BadRequest;
use poem::web::{Json, Query};
use poem::{Result, handler};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::control::model::{Injected, Injection};
use crate::control::routes::Office;
use crate::gateway::{COMMON, Emitted, Letter, shuffled};

/// How long an injection waits for the broker.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: usize,
}

#[handler]
pub(super) fn list_events(office: Office<'_>, Query(filter): Query<Since>) -> Json<Vec<Emitted>> {
    Json(
        office
            .gateway
            .books()
            .events
            .iter()
            .skip(filter.since)
            .cloned()
            .collect(),
    )
}

#[derive(Deserialize)]
struct InjectOptions {
    #[serde(default)]
    twice: bool,
    shuffle_seed: Option<u64>,
}

#[handler]
pub(super) async fn inject(
    office: Office<'_>,
    Query(options): Query<InjectOptions>,
    Json(body): Json<Value>,
) -> Result<Json<Injected>> {
    let mut injection = if body.is_array() {
        Injection {
            events: serde_json::from_value(body).map_err(BadRequest)?,
            ..Default::default()
        }
    } else {
        serde_json::from_value(body).map_err(BadRequest)?
    };
    injection.twice |= options.twice;
    injection.shuffle_seed = injection.shuffle_seed.or(options.shuffle_seed);
    let events = match injection.shuffle_seed {
        Some(seed) => shuffled(injection.events, seed),
        None if injection.twice => injection
            .events
            .into_iter()
            .flat_map(|e| [e.clone(), e])
            .collect(),
        None => injection.events,
    };
    let mut confirms = Vec::new();
    for event in &events {
        confirms.extend(office.gateway.inject(event));
    }
    let confirmed = !confirms.is_empty()
        && timeout(PATIENCE, join_all(confirms))
            .await
            .is_ok_and(|all| all.iter().all(Result::is_ok));
    Ok(Json(Injected {
        message_ids: events.into_iter().map(|event| event.message_id).collect(),
        confirmed,
    }))
}

#[derive(Deserialize)]
struct RawOptions {
    queue: Option<String>,
    message_id: Option<String>,
}

#[handler]
pub(super) async fn inject_raw(
    office: Office<'_>,
    Query(options): Query<RawOptions>,
    payload: Vec<u8>,
) -> Json<Injected> {
    let message_ids = options.message_id.iter().cloned().collect();
    let receipt = office.gateway.emit_raw(Letter {
        routing_key: options.queue.unwrap_or_else(|| COMMON.to_owned()),
        payload,
        message_id: options.message_id,
    });
    let confirmed = match receipt {
        Some(receipt) => matches!(timeout(PATIENCE, receipt).await, Ok(Ok(()))),
        None => false,
    };
    Json(Injected {
        message_ids,
        confirmed,
    })
}

#[handler]
pub(super) fn release(office: Office<'_>) -> Json<usize> {
    Json(office.gateway.release())
}
