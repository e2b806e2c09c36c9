//! How large a body may be. Counted while it is read, so that a chunked body is limited like any other.

use super::error::{Failure, too_large};
use futures::StreamExt;
use poem::http::header;
use poem::{Body, Endpoint, Middleware, Request, Result};
use std::fmt;
use std::io;

const ORDINARY: u64 = 1 << 20;
const SETTLEMENT: u64 = 64 << 20;

/// The cause of a read that went over the limit.
#[derive(Debug)]
pub struct BodyTooLarge;

impl fmt::Display for BodyTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is too large")
    }
}

impl std::error::Error for BodyTooLarge {}

/// Whether this path takes a day's ad revenue, which may be a million groups: its bodies are large and it needs longer.
pub fn takes_ad_revenue(path: &str) -> bool {
    path == "/settlement"
}

/// Bytes a body may have on this path.
fn allowed(path: &str) -> u64 {
    match takes_ad_revenue(path) {
        true => SETTLEMENT,
        false => ORDINARY,
    }
}

/// Refuses larger bodies with 413.
pub struct BodyLimit;

impl<E: Endpoint> Middleware<E> for BodyLimit {
    type Output = Limited<E>;

    fn transform(&self, inner: E) -> Limited<E> {
        Limited(inner)
    }
}

/// An endpoint behind [`BodyLimit`].
pub struct Limited<E>(E);

impl<E: Endpoint> Endpoint for Limited<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        let limit = allowed(request.uri().path());
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Failure(too_large()).into());
        }
        let body = request.take_body();
        if !body.is_empty() {
            request.set_body(counted(body, limit));
        }
        self.0.call(request).await
    }
}

fn counted(body: Body, limit: u64) -> Body {
    let mut left = limit;
    Body::from_bytes_stream(body.into_bytes_stream().map(move |chunk| {
        let chunk = chunk?;
        left = left
            .checked_sub(chunk.len() as u64)
            .ok_or_else(|| io::Error::other(BodyTooLarge))?;
        Ok::<_, io::Error>(chunk)
    }))
}
