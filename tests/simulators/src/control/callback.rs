//! Callbacks to the product in a partner's name, signed as `api/src/partner/README.md` has it.

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use reqwest::Method;
use uuid::Uuid;

use crate::clock;
use crate::control::model::{Callback, CallbackAnswer};
use crate::partners::Partners;

/// The value of `X-Gpet-Sign`: hex HMAC-SHA256 over timestamp, nonce, method, path and body, joined by newlines.
pub fn partner_signature(
    secret: &str,
    timestamp: i64,
    nonce: &str,
    method: &str,
    path: &str,
    body: &[u8],
) -> String {
    let mut message = format!("{timestamp}\n{nonce}\n{method}\n{path}\n").into_bytes();
    message.extend_from_slice(body);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, &message))
}

/// Calls the product.
pub(super) async fn call_back(partners: &Partners, callback: Callback) -> Result<CallbackAnswer> {
    let base = partners
        .settings
        .product_url
        .as_deref()
        .context("GPET_API_URL is not set")?;
    let secret = partners
        .settings
        .partner_secret
        .as_deref()
        .context("GPET_PARTNER_SECRET is not set")?;
    let (timestamp, nonce) = (clock::now().timestamp(), Uuid::new_v4().to_string());
    let body = if callback.body.is_null() {
        Vec::new()
    } else {
        callback.body.to_string().into_bytes()
    };
    let method: Method = callback.method.parse().context("method")?;
    let sign = partner_signature(secret, timestamp, &nonce, method.as_str(), &callback.path, &body);
    let answer = (partners.http.request(method, format!("{base}{}", callback.path)))
        .header("content-type", "application/json")
        .header("X-Gpet-Timestamp", timestamp.to_string())
        .header("X-Gpet-Nonce", nonce)
        .header("X-Gpet-Sign", sign)
        .body(body)
        .send()
        .await
        .context("the product does not answer")?;
    Ok(CallbackAnswer {
        status: answer.status().as_u16(),
        body: answer.text().await?,
    })
}
