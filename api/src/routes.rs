//! All routes, what stands around them, and their description.

use crate::app_state::AppState;
use crate::http::detached::{AnswerTimeouts, Detached};
use crate::http::error::JSON;
use crate::http::limit::BodyLimit;
use crate::http::method_not_allowed::Allow;
use crate::http::nul::NulFree;
use crate::http::parameters::Described;
use crate::http::request_log::RequestLog;
use crate::{console, h5, ops, partner};
use poem::endpoint::make_sync;
use poem::web::Html;
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, get};
use poem_openapi::OpenApiService;
use std::time::Duration;
use tokio_util::task::TaskTracker;

type Apis = NulFree<Described<(h5::Apis, console::Apis, partner::Apis)>>;

fn service() -> OpenApiService<Apis, ()> {
    let apis = NulFree(Described((h5::apis(), console::apis(), partner::apis())));
    OpenApiService::new(apis, "gpet", env!("CARGO_PKG_VERSION"))
        .summary("Chat-group robots as a business")
        .description(
            "Every answer has the form {code, data, msg, page_info?}; money is a decimal string. In requests a field that \
             is missing and one that is null are the same, and unknown fields are ignored.",
        )
}

/// The API's description, as served at `/openapi.json` and committed as `api/openapi.json`.
///
/// # Errors
/// When poem-openapi makes something that is no JSON.
pub fn description() -> kernel::Result<String> {
    let description = crate::description::complete(&service().spec())?;
    Ok(serde_json::to_string_pretty(&description)? + "\n")
}

/// The application as one endpoint.
///
/// # Errors
/// As [`description`].
pub fn application(
    app: AppState,
    tasks: TaskTracker,
) -> kernel::Result<impl Endpoint<Output = Response> + 'static> {
    let service = service();
    let description = crate::description::complete(&service.spec())?;
    let docs = swagger_ui(&service.swagger_ui_html(), &service.spec(), &description);
    let methods = crate::description::methods(&description);
    let text = serde_json::to_string(&description)?;
    let routes = ops::routes()
        .at("/docs", get(make_sync(move |_| Html(docs.clone()))))
        .at(
            "/openapi.json",
            get(make_sync(move |_| text.clone().with_content_type(JSON))),
        )
        .nest("/", service);
    let own = ops::PATHS.into_iter().chain(["/docs", "/openapi.json"]);
    let own = own.map(|path| (path.to_owned(), vec!["GET".to_owned()]));
    Ok(guarded(
        routes,
        Allow::new(methods.into_iter().chain(own)),
        app,
        tasks,
    ))
}

/// poem-openapi's page shows its own description; here it shows the whole one.
fn swagger_ui(page: &str, theirs: &str, whole: &serde_json::Value) -> String {
    page.replace(theirs, &whole.to_string().replace("</", "<\\/"))
}

/// What stands around the routes. From the outside in: access, a partner's own form, what is allowed instead, task and
/// time-out, body limit.
fn guarded(
    routes: Route,
    allow: Allow,
    app: AppState,
    tasks: TaskTracker,
) -> impl Endpoint<Output = Response> + 'static {
    let config = &app.config.api;
    let timeouts = AnswerTimeouts {
        ordinary: Duration::from_secs(config.request_timeout_seconds),
        settlement: Duration::from_secs(config.settlement_timeout_seconds),
    };
    let access = RequestLog {
        trusted_proxies: config.trusted_proxies.to_vec(),
    };
    routes
        .data(app)
        .with(BodyLimit)
        .with(Detached { timeouts, tasks })
        .with(allow)
        .with(partner::PartnersForm)
        .with(access)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
