//! All routes, what stands around them, and their description.

use crate::edge::Edge;
use crate::http::access::Access;
use crate::http::detached::{Detached, Patience};
use crate::http::limit::BodyLimit;
use crate::http::nul::NulFree;
use crate::http::paging::Paged;
use crate::{console, h5, ops, partner};
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::OpenApiService;
use std::time::Duration;
use tokio_util::task::TaskTracker;

type Apis = NulFree<Paged<(h5::Apis, console::Apis, partner::Apis)>>;

fn service() -> OpenApiService<Apis, ()> {
    let apis = NulFree(Paged((h5::apis(), console::apis(), partner::apis())));
    OpenApiService::new(apis, "gpet", env!("CARGO_PKG_VERSION"))
        .summary("Chat-group robots as a business")
        .description("Every answer has the form {code, data, msg, page_info?}; money is a decimal string.")
}

/// The API's description, as served at `/openapi.json` and committed as `api/openapi.json`.
///
/// # Errors
/// When poem-openapi makes something that is no JSON.
pub fn description() -> kernel::Result<String> {
    let spec: serde_json::Value = serde_json::from_str(&service().spec())?;
    Ok(serde_json::to_string_pretty(&spec)? + "\n")
}

/// The application as one endpoint.
pub fn application(edge: Edge, tasks: TaskTracker) -> impl Endpoint<Output = Response> + 'static {
    let service = service();
    let (docs, spec) = (service.swagger_ui(), service.spec_endpoint());
    let routes = partner::add_to(ops::routes())
        .nest("/docs", docs)
        .at("/openapi.json", spec)
        .nest("/", service);
    guarded(routes, edge, tasks)
}

/// What stands around the routes. From the outside in: access, a partner's own form, task and time-out,
/// body limit.
fn guarded(routes: Route, edge: Edge, tasks: TaskTracker) -> impl Endpoint<Output = Response> + 'static {
    let config = &edge.config.api;
    let patience = Patience {
        ordinary: Duration::from_secs(config.request_timeout_seconds),
        settlement: Duration::from_secs(config.settlement_timeout_seconds),
    };
    let access = Access {
        trusted_proxies: config.trusted_proxies.to_vec(),
    };
    routes
        .data(edge)
        .with(BodyLimit)
        .with(Detached { patience, tasks })
        .with(partner::PartnersForm)
        .with(access)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
