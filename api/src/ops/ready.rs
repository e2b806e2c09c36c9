//! Whether the stores are there, each by name.

use crate::app_state::AppState;
use kernel::code::Code;
use kernel::readiness::Readiness;
use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{IntoResponse, Response, handler};

/// 200 when PostgreSQL, Redis and RabbitMQ answer, else 503; `data` tells of each.
#[handler]
pub async fn ready(app: Data<&AppState>) -> Response {
    let readiness = Readiness::of(app.context()).await;
    let down = readiness.down();
    let (status, code, msg) = match down.is_empty() {
        true => (StatusCode::OK, Code::ServiceSuccess, String::new()),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServiceUnavailable,
            format!("not available: {}", down.join(", ")),
        ),
    };
    Json(serde_json::json!({ "code": code.number(), "data": readiness, "msg": msg }))
        .with_status(status)
        .into_response()
}
