//! Calls over HTTP, as clients make them.

use crate::description;
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use kernel::crypto;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use stack::random_hex;
use std::time::Duration;

/// Somebody who calls the application.
#[derive(Clone)]
pub struct Client {
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) http: reqwest::Client,
}

/// What the application answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The envelope.
    pub body: Value,
    /// Seconds of Retry-After.
    pub retry_after: Option<u32>,
}

impl Reply {
    /// The business code.
    pub fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap_or_default()
    }

    /// HTTP status and business code.
    pub fn outcome(&self) -> (u16, i64) {
        (self.status, self.code())
    }

    /// The envelope's data.
    pub fn data(&self) -> &Value {
        &self.body["data"]
    }
}

impl Client {
    /// A caller without a token who waits so long for an answer.
    ///
    /// # Errors
    /// When there can be no such client.
    pub(crate) fn with_timeout(base: String, timeout: Duration) -> Result<Client> {
        Ok(Client {
            base,
            token: None,
            http: reqwest::Client::builder().timeout(timeout).build()?,
        })
    }

    /// The same caller with another token.
    pub fn with_token(&self, token: &str) -> Client {
        Client {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When the application does not answer, or not in JSON.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        send(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: Value) -> Result<Reply> {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// PUT of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put(&self, path: &str, body: Value) -> Result<Reply> {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A request of any method, with JSON where there is a body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply> {
        // Routes that move money ask for a key; the others do not look.
        let request = self.request(method, path).header("Idempotency-Key", "a key");
        send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// PATCH of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn patch(&self, path: &str, body: Value) -> Result<Reply> {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete(&self, path: &str) -> Result<Reply> {
        send(self.request(Method::DELETE, path)).await
    }

    /// A request to be completed, with the caller's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// A partner's POST at this time, signed as `api/src/partner/README.md` has it.
pub(crate) fn signed(
    client: &Client,
    secret: &str,
    now: DateTime<Utc>,
    path: &str,
    body: String,
) -> RequestBuilder {
    let (timestamp, nonce) = (now.timestamp().to_string(), random_hex(16));
    let message = format!("{timestamp}\n{nonce}\nPOST\n{path}\n{body}");
    let sign = crypto::hmac_sha256_hex(secret.as_bytes(), message.as_bytes());
    client
        .request(Method::POST, path)
        .header("content-type", "application/json")
        .header("x-gpet-timestamp", timestamp)
        .header("x-gpet-nonce", nonce)
        .header("x-gpet-sign", sign)
        .body(body)
}

/// Sends a request, reads the envelope and holds it against the API's description.
pub(crate) async fn send(request: RequestBuilder) -> Result<Reply> {
    let (http, request) = request.build_split();
    let request = request?;
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let answer = http.execute(request).await;
    let answer = answer.context("the application does not answer")?;
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let text = answer.text().await?;
    let body = serde_json::from_str(&text).with_context(|| format!("{status} without JSON: {text}"))?;
    description::check(method.as_str(), &path, status, &body)?;
    Ok(Reply {
        status,
        body,
        retry_after,
    })
}
