//! Addresses that others gave us: files of ads, later webhooks. One client for all of them, so that nobody makes us call
//! our own networks.
//!
//! An address is https, on port 443 or from 1024 up, without user and password. Its name is resolved once; if any of the
//! addresses found is not open to the world, none is called. The connection goes to the addresses that were checked,
//! follows no redirect and uses no proxy. In development and tests this machine may be called too, without TLS.

mod global;

use async_trait::async_trait;
use global::is_global;
use kernel::config::Profile;
use kernel::http::{read, words};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Url};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long resolving and connecting may take.
const CONNECT: Duration = Duration::from_secs(3);
/// The lowest port that is nobody's but the user's; below, only https's own.
const FIRST_FREE_PORT: u16 = 1024;
const HTTPS: u16 = 443;

/// Why nothing came back, in words for operators: neither the address nor what lies there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// This address is never called.
    #[error("{0}")]
    Address(&'static str),
    /// It was called, or would have been.
    #[error("could not be fetched: {0}")]
    Unanswered(String),
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status, redirects included.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// From names to addresses.
#[async_trait]
trait Resolve: Send + Sync {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}

/// As this machine is set up to.
struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// The client.
#[derive(Clone)]
pub struct PublicHttp {
    resolver: Arc<dyn Resolve>,
    /// Whether this machine counts as outside.
    loopback: bool,
    call_timeout: Duration,
}

impl PublicHttp {
    /// A client that waits so long for a whole answer.
    pub fn new(profile: Profile, call_timeout: Duration) -> Self {
        PublicHttp {
            resolver: Arc::new(System),
            loopback: profile != Profile::Production,
            call_timeout,
        }
    }

    /// Fetches what lies at an address, of so many bytes at most.
    ///
    /// # Errors
    /// When the address is refused, or does not answer in time and size.
    pub async fn get(&self, address: &str, most: usize) -> Result<Reply, Refusal> {
        self.send(Method::GET, address, most, |request| request).await
    }

    /// Sends a request to an address and reads an answer of so many bytes at most. `prepare` adds headers and body.
    ///
    /// # Errors
    /// As [`PublicHttp::get`].
    pub async fn send(
        &self,
        method: Method,
        address: &str,
        most: usize,
        prepare: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Reply, Refusal> {
        let url = self.read(address)?;
        let call = async {
            let client = self.client_for(&url).await?;
            let answer = prepare(client.request(method, url)).send().await;
            let answer = answer.map_err(|error| Refusal::Unanswered(words(&error.without_url())))?;
            Ok(Reply {
                status: answer.status().as_u16(),
                body: read(answer, most).await.map_err(Refusal::Unanswered)?,
            })
        };
        let late = |_| Refusal::Unanswered("no answer in time".to_owned());
        timeout(self.call_timeout, call).await.map_err(late)?
    }

    /// Checks what can be said without resolving the name.
    fn read(&self, address: &str) -> Result<Url, Refusal> {
        let url = Url::parse(address).map_err(|_| Refusal::Address("is no address"))?;
        let scheme = match url.scheme() {
            "http" => self.loopback,
            scheme => scheme == "https",
        };
        if !scheme || url.host_str().is_none_or(str::is_empty) {
            return Err(Refusal::Address("is no https address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Address("has a user or password"));
        }
        match port(&url) {
            HTTPS | FIRST_FREE_PORT.. => Ok(url),
            // http's own; whether it may be http at all is decided by where it leads.
            80 if url.scheme() == "http" => Ok(url),
            _ => Err(Refusal::Address("has a port other than 443 and below 1024")),
        }
    }

    /// A client that reaches the host of this address at the places that were checked, and nothing else.
    async fn client_for(&self, url: &Url) -> Result<Client, Refusal> {
        // In an address IPv6 stands in brackets.
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port(url))],
            Err(_) => self.resolved(host, port(url)).await?,
        };
        self.check(url, &found)?;
        let client = Client::builder()
            .user_agent(concat!("gpet/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .resolve_to_addrs(host, &found);
        client
            .build()
            .map_err(|error| Refusal::Unanswered(words(&error.without_url())))
    }

    async fn resolved(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        let unknown = || Refusal::Unanswered("its name is not known".to_owned());
        let found = timeout(CONNECT, self.resolver.resolve(host, port)).await;
        let found = found.ok().and_then(Result::ok).unwrap_or_default();
        (!found.is_empty()).then_some(found).ok_or_else(unknown)
    }

    fn check(&self, url: &Url, found: &[SocketAddr]) -> Result<(), Refusal> {
        let here = self.loopback
            && found
                .iter()
                .all(|address| address.ip().to_canonical().is_loopback());
        if here {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Refusal::Address("is no https address"));
        }
        match found.iter().all(|address| is_global(address.ip())) {
            true => Ok(()),
            false => Err(Refusal::Address(
                "leads to an address that is not open to the world",
            )),
        }
    }
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
}

#[cfg(test)]
#[path = "public_http_tests.rs"]
mod tests;
