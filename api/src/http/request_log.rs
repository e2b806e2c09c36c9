//! What is known of every request: its id, who sent it, how long it took. Query strings, tokens and bodies are not logged.

use ipnet::IpNet;
use kernel::id::new_uuid;
use poem::http::{HeaderValue, Method};
use poem::web::{FromRequest, RemoteAddr, RequestBody};
use poem::{Addr, Endpoint, IntoResponse, Middleware, PathPattern, Request, Response, Result};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: &str = "x-request-id";

/// The address of the client; of the nearest one that is no proxy of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<'a> FromRequest<'a> for ClientAddress {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let known = request.data::<ClientAddress>().copied();
        Ok(known.unwrap_or(ClientAddress(Ipv4Addr::UNSPECIFIED.into())))
    }
}

/// Gives each request an id, a span, a client address and its place in the metrics.
pub struct RequestLog {
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl<E: Endpoint> Middleware<E> for RequestLog {
    type Output = RequestLogEndpoint<E>;

    fn transform(&self, inner: E) -> RequestLogEndpoint<E> {
        RequestLogEndpoint {
            inner,
            trusted: self.trusted_proxies.clone().into(),
        }
    }
}

/// An endpoint behind [`RequestLog`].
pub struct RequestLogEndpoint<E> {
    inner: E,
    trusted: Arc<[IpNet]>,
}

impl<E: Endpoint> Endpoint for RequestLogEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let id = request_id(&request);
        let method = method_label(request.method());
        let client = client_address(&request, &self.trusted);
        request.set_data(client);
        let span =
            tracing::info_span!("request", id, method, path = request.uri().path(), client = %client.0);
        async {
            let mut response = self.inner.call(request).await?.into_response();
            let pattern = response.data::<PathPattern>().map(|pattern| pattern.0.to_string());
            let route = pattern.filter(|pattern| !pattern.is_empty()).unwrap_or_else(|| "unknown".to_owned());
            let status = response.status().as_u16();
            let took = started.elapsed();
            metrics::counter!("gpet_http_requests_total", "route" => route.clone(), "method" => method, "status" => status.to_string())
                .increment(1);
            metrics::histogram!("gpet_http_request_seconds", "route" => route, "method" => method)
                .record(took);
            tracing::debug!(status, milliseconds = took.as_millis(), "answered");
            if let Ok(id) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            Ok(response)
        }
        .instrument(span)
        .await
    }
}

/// The client's own id where it is a sane one, else a new one.
fn request_id(request: &Request) -> String {
    let sane = |id: &&str| {
        (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match request.header(REQUEST_ID).filter(sane) {
        Some(id) => id.to_owned(),
        None => new_uuid().to_string(),
    }
}

/// Methods are the client's to invent; metrics know the usual ones.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn client_address(request: &Request, trusted: &[IpNet]) -> ClientAddress {
    let RemoteAddr(Addr::SocketAddr(peer)) = request.remote_addr() else {
        return ClientAddress(Ipv4Addr::UNSPECIFIED.into());
    };
    let headers = request.headers().get_all("x-forwarded-for").iter();
    let hops = headers.filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).collect();
    ClientAddress(outermost(peer.ip(), &hops, trusted))
}

/// Walks the hops from our side outwards for as long as they are proxies we trust.
fn outermost(peer: IpAddr, hops: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    for hop in hops.iter().rev() {
        let trusts = trusted.iter().any(|net| net.contains(&client));
        let Some(address) = trusts.then(|| hop.trim().parse::<IpAddr>().ok()).flatten() else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_headers_are_believed_from_our_proxies_only() {
        let seen = |peer: &str, hops: &[&str]| {
            outermost(peer.parse().unwrap(), hops, &["10.0.0.0/8".parse().unwrap()]).to_string()
        };
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", " 198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "10.0.0.2"]), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
    }
}
