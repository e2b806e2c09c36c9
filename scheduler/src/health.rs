//! Health and metrics over HTTP, for supervisors and Prometheus.

use domain::ledger::check;
use kernel::readiness::Readiness;
use kernel::telemetry;
use kernel::{Context, Error, Result};
use poem::http::StatusCode;
use poem::listener::TcpListener;
use poem::web::{Data, Json};
use poem::{EndpointExt, IntoResponse, Response, Route, Server, get, handler};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[handler]
fn healthz() -> &'static str {
    "ok"
}

/// 200 when all stores answer, else 503; tells of each.
#[handler]
async fn readyz(Data(context): Data<&Context>) -> Response {
    let readiness = Readiness::of(context).await;
    let status = match readiness.down().is_empty() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    Json(readiness).with_status(status).into_response()
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
