//! For those who run it: liveness, readiness, metrics. Not part of the described API.

mod ready;

use crate::app_state::AppState;
use crate::http::envelope::done;
use domain::ledger::check;
use kernel::telemetry;
use poem::web::{Data, Json};
use poem::{IntoResponse, Response, Route, get, handler};
use poem_openapi::types::ToJSON;

/// Their paths; all are asked with GET.
pub const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The routes.
pub fn routes() -> Route {
    Route::new()
        .at("/healthz", get(alive))
        .at("/readyz", get(ready::ready))
        .at("/metrics", get(metrics))
}

/// The process answers.
#[handler]
fn alive() -> Response {
    match done::<0>() {
        Ok(body) => Json(body.0.to_json()).into_response(),
        Err(refusal) => poem::Error::from(refusal).into_response(),
    }
}

#[handler]
async fn metrics(app: Data<&AppState>) -> Response {
    check::measure(app.db.read()).await;
    telemetry::render_metrics()
        .with_content_type("text/plain; version=0.0.4")
        .into_response()
}
