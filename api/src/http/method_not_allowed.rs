//! 405 says what is allowed instead.

use poem::http::header::ALLOW;
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint, IntoResponse, Middleware, PathPattern, Request, Response, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// Adds `Allow` to answers of 405. Knows the methods of each path.
pub struct Allow(Arc<HashMap<String, HeaderValue>>);

impl Allow {
    /// From paths, their variable segments in any notation, with the methods each knows.
    pub fn new(paths: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let entry = |(path, mut methods): (String, Vec<String>)| {
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            Some((shape(&path), HeaderValue::from_str(&methods.join(", ")).ok()?))
        };
        Allow(Arc::new(paths.into_iter().filter_map(entry).collect()))
    }
}

/// The path with all variable segments alike.
fn shape(path: &str) -> String {
    let segment = |segment: &str| match segment.starts_with([':', '{']) {
        true => "*".to_owned(),
        false => segment.to_owned(),
    };
    let segments: Vec<String> = path.trim_matches('/').split('/').map(segment).collect();
    segments.join("/")
}

impl<E: Endpoint> Middleware<E> for Allow {
    type Output = AllowEndpoint<E>;

    fn transform(&self, inner: E) -> AllowEndpoint<E> {
        AllowEndpoint {
            inner,
            methods: self.0.clone(),
        }
    }
}

/// An endpoint behind [`Allow`].
pub struct AllowEndpoint<E> {
    inner: E,
    methods: Arc<HashMap<String, HeaderValue>>,
}

impl<E: Endpoint> Endpoint for AllowEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut response = self.inner.call(request).await?.into_response();
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let pattern = response.data::<PathPattern>();
            let methods = pattern.and_then(|pattern| self.methods.get(&shape(&pattern.0)));
            if let Some(methods) = methods.cloned() {
                response.headers_mut().insert(ALLOW, methods);
            }
        }
        Ok(response)
    }
}
