//! One HTTP call to a partner: taken in, logged, bent by the script, answered.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use serde::de::DeserializeOwned;

use crate::partners::Partners;
pub use crate::reply::Reply;
use crate::reply::refusal;
use crate::script::{Action, Partner};
use crate::wxpay;

/// A call as its handler sees it.
pub struct Call {
    /// All partners and their books.
    pub partners: Arc<Partners>,
    /// HTTP method.
    pub method: Method,
    /// Path and query as the caller wrote them; what signatures are over.
    pub target: String,
    /// Request headers.
    pub headers: HeaderMap,
    /// Request body.
    pub body: Vec<u8>,
    /// What the script wants the handler to do otherwise.
    pub action: Option<Action>,
    params: Vec<String>,
}

impl Call {
    /// The body as JSON; the error is for the answer.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|e| format!("body: {e}"))
    }

    /// The only parameter in the path.
    pub fn param(&self) -> &str {
        self.params.first().map_or("", String::as_str)
    }

    /// Query parameters, decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form(query)
    }

    /// One query parameter, empty when missing.
    pub fn query_value(&self, name: &str) -> String {
        self.query()
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
            .unwrap_or_default()
    }

    /// One header, empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Decodes `a=1&b=2`.
pub fn form(text: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://form.invalid/?{text}"));
    url.map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}

/// An endpoint of a partner; made by [`watched`].
pub struct Watched<F> {
    partners: Arc<Partners>,
    partner: Partner,
    name: &'static str,
    serve: F,
}

/// Wraps a handler so that its calls are logged and follow the script.
pub fn watched<F, Fut>(partners: &Arc<Partners>, partner: Partner, name: &'static str, serve: F) -> Watched<F>
where
    F: Fn(Call) -> Fut + Send + Sync,
    Fut: Future<Output = Reply> + Send,
{
    Watched {
        partners: partners.clone(),
        partner,
        name,
        serve,
    }
}

impl<F, Fut> Endpoint for Watched<F>
where
    F: Fn(Call) -> Fut + Send + Sync,
    Fut: Future<Output = Reply> + Send,
{
    type Output = Response;

    async fn call(&self, mut req: Request) -> poem::Result<Response> {
        let body = req.take_body().into_vec().await?;
        let target = req
            .original_uri()
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned();
        let seq = self
            .partners
            .received
            .note(self.partner, self.name, req.method().as_str(), &target, &body);
        let text = String::from_utf8_lossy(&body).into_owned();
        let action = self
            .partners
            .script
            .take(self.partner, self.name, &[&target, &text]);

        match &action {
            Some(Action::Delay { ms }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Some(Action::DropBefore { hang_ms }) => break_connection(*hang_ms).await,
            _ => {}
        }
        let reply = match &action {
            Some(Action::Refuse {
                code,
                http_status,
                body,
            }) => refusal(self.partner, self.name, code, *http_status, body.clone()),
            Some(Action::Error {
                code,
                status,
                after: false,
            }) => wxpay::fault_at(self.name, *status, code, "scripted"),
            _ => {
                let params = req.path_params::<Vec<String>>().unwrap_or_default();
                let call = Call {
                    partners: self.partners.clone(),
                    method: req.method().clone(),
                    target,
                    headers: req.headers().clone(),
                    body,
                    action: action.clone(),
                    params,
                };
                (self.serve)(call).await
            }
        };
        let reply = match &action {
            Some(Action::DropAfter { hang_ms }) => {
                break_connection(*hang_ms).await;
                reply
            }
            Some(Action::Error {
                code,
                status,
                after: true,
            }) => wxpay::fault_at(self.name, *status, code, "scripted"),
            _ => reply,
        };
        self.partners.received.answered(seq, reply.status);
        Ok(self.respond(reply, action.as_ref()))
    }
}

impl<F> Watched<F> {
    fn respond(&self, mut reply: Reply, action: Option<&Action>) -> Response {
        let mut headers = HeaderMap::new();
        if self.partner == Partner::Wxpay {
            headers = self.partners.wxpay.seal(&mut reply.body, action);
        }
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, reply.content_type)
            .body(reply.body);
        response.headers_mut().extend(headers);
        response
    }
}

/// Tears the connection down: the server drops a connection whose handler unwinds. `resume_unwind` does so
/// without the panic hook, because nothing went wrong here.
async fn break_connection(hang_ms: u64) {
    tokio::time::sleep(Duration::from_millis(hang_ms)).await;
    std::panic::resume_unwind(Box::new("the script drops this connection"));
}
