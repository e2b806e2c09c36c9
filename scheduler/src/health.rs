//! Health and metrics over HTTP, for supervisors and Prometheus.

use poem::http::StatusCode;
use poem::listener::TcpListener;
use poem::web::{Data, Json};
use poem::{EndpointExt, Response, Route, Server, get, handler};
use serde_json::json;
use shared::kernel::{db, telemetry};
use shared::ledger::check;
use shared::{Context, Error, Result};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[handler]
fn healthz() -> &'static str {
    "ok"
}

#[handler]
async fn readyz(Data(context): Data<&Context>) -> Response {
    let postgres = db::fetch_scalar::<i32>(context.db.read(), "SELECT 1", [])
        .await
        .is_ok();
    let redis = context.cache.get().await.is_ok();
    let status = if postgres && redis {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = |up| if up { "up" } else { "down" };
    let body = Json(json!({ "postgresql": word(postgres), "redis": word(redis) }));
    let mut response = poem::IntoResponse::into_response(body);
    response.set_status(status);
    response
}

#[handler]
async fn metrics_text(Data(context): Data<&Context>) -> String {
    check::measure(context.db.read()).await;
    telemetry::render_metrics()
}

/// Serves until told to stop.
///
/// # Errors
/// When the address cannot be had.
pub async fn serve(context: Context, stop: CancellationToken) -> Result<()> {
    let address = context.config.scheduler.listen;
    let app = Route::new()
        .at("/healthz", get(healthz))
        .at("/readyz", get(readyz))
        .at("/metrics", get(metrics_text))
        .data(context);
    Server::new(TcpListener::bind(address))
        .run_with_graceful_shutdown(app, stop.cancelled_owned(), Some(Duration::from_secs(2)))
        .await
        .map_err(|error| {
            Error::internal(format!(
                "cannot listen on {address} (GPET_SCHEDULER_LISTEN): {error}"
            ))
        })
}
