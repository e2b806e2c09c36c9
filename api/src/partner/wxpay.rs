//! Notifications of WeChat Pay. A hint to query, no more: they come twice and out of order.

use crate::edge::Edge;
use crate::http::error::Failure;
use domain::withdrawal::service;
use kernel::Error;
use partners::wxpay::NotifyHeaders;
use poem::http::{HeaderMap, StatusCode};
use poem::web::Data;
use poem::{Body, Result, handler};

/// Where they come in.
pub const PATH: &str = "/wxpay/notify";

/// Verifies, answers, and asks what became of the bill. WeChat Pay wants its answer within five seconds, so the query
/// does not hold it up; a query that is lost is made by the next pass over the payouts.
#[handler]
pub async fn notified(edge: Data<&Edge>, headers: &HeaderMap, body: Body) -> Result<StatusCode> {
    let body = body
        .into_bytes()
        .await
        .map_err(|error| Failure(Error::params("body", error.to_string())))?;
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let seal = NotifyHeaders {
        timestamp: header("Wechatpay-Timestamp"),
        nonce: header("Wechatpay-Nonce"),
        signature: header("Wechatpay-Signature"),
        serial: header("Wechatpay-Serial"),
    };
    let notification = edge
        .partners()
        .notifications()
        .and_then(|reader| reader.open(seal, &body))
        .map_err(Failure)?;
    let edge = edge.0.clone();
    tokio::spawn(async move {
        if let Err(error) = service::notified(edge.context(), edge.partners(), &notification.bill_no).await {
            tracing::warn!(error = %error.chain(), "a notified payout waits for the next pass");
        }
    });
    Ok(StatusCode::NO_CONTENT)
}
