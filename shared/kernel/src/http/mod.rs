//! HTTP to partners: one way to build a client, one way to fail.
//!
//! No redirects and no proxies, so that a call goes where the configuration says. A failure tells whether the call can
//! have had an effect; that decides whether it may be repeated.

use crate::error::{Error, Result};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, RequestBuilder, Response, Url};
use std::error::Error as StdError;
use std::time::Duration;

/// The largest answer that is read; a day's list of payouts is the largest we ask for.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It never got there: repeating it is safe.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have got there: a time-out, a broken connection, an answer that cannot be read.
    #[error("no answer: {0}")]
    Unanswered(String),
}

impl Failure {
    fn of(error: reqwest::Error) -> Self {
        // is_connect covers refusals, unknown names, TLS handshakes and time-outs while connecting.
        let never = error.is_connect() || error.is_builder();
        let words = words(&error.without_url());
        if never {
            Failure::NotSent(words)
        } else {
            Failure::Unanswered(words)
        }
    }
}

/// The chain of causes on one line; without the URL, which may carry secrets.
pub fn words(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What a partner answered, whole.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

/// A client for one partner. Connections are kept and used again.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    base: Url,
}

/// What TLS needs beside the usual roots.
#[derive(Default)]
pub struct Tls {
    /// Further roots to trust.
    pub roots: Vec<Certificate>,
    /// Our certificate with its key.
    pub identity: Option<Identity>,
}

impl Http {
    /// A client for the partner at `base`, which `key` of the configuration names.
    ///
    /// # Errors
    /// When `base` is no http address.
    pub fn new(key: &'static str, base: &str, timeout_seconds: u64) -> Result<Self> {
        Http::with_tls(key, base, timeout_seconds, Tls::default())
    }

    /// The same with more to say about TLS.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn with_tls(key: &'static str, base: &str, timeout_seconds: u64, tls: Tls) -> Result<Self> {
        let base = Url::parse(base.trim_end_matches('/'))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
            .ok_or_else(|| {
                Error::params(
                    key,
                    format!("configuration: {key} must be an http or https address"),
                )
            })?;
        let timeout = Duration::from_secs(timeout_seconds.max(1));
        let mut builder = Client::builder()
            .user_agent(concat!("gpet/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(3)))
            .pool_idle_timeout(Duration::from_secs(30))
            .tls_certs_merge(tls.roots);
        if let Some(identity) = tls.identity {
            builder = builder.identity(identity);
        }
        Ok(Http {
            client: builder.build().map_err(Error::internal)?,
            base,
        })
    }

    /// The address of a path at the partner. The base may have a path of its own.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    /// The client, to prepare a request with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Errors
    /// When there is no answer; any status is one.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(Failure::of)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // From here on it has arrived, whatever breaks.
        let body = read(response, LARGEST_ANSWER)
            .await
            .map_err(Failure::Unanswered)?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

/// The body of an answer, of so many bytes at most; or why there is none.
pub async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = (response.chunk().await).map_err(|error| words(&error.without_url()))? {
        if body.len() + chunk.len() > most {
            return Err(format!("the answer is too large, it has more than {most} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
