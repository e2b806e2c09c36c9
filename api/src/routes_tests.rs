//! Every kind of failure, through everything that stands around the routes. No store is there.

use super::*;
use kernel::Context;
use kernel::config::Config;
use partners::Partners;
use poem::error::ResponseError;
use poem::http::{Method, StatusCode};
use poem::test::{TestClient, TestResponse};
use poem::{Body, handler, post};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

async fn app(timeout_seconds: u64) -> AppState {
    let nowhere = |scheme: &str| format!("{scheme}://127.0.0.1:1/gpet");
    let variables: HashMap<String, String> = [
        ("GPET_PROFILE", "test".to_owned()),
        ("DATABASE_URL", nowhere("postgres")),
        ("REDIS_URL", "redis://127.0.0.1:1/0".to_owned()),
        ("MQ_CONFIG", nowhere("amqp")),
        ("INNER_MQ_CONFIG", nowhere("amqp")),
        ("ROBOT_HOST", nowhere("http")),
        ("LAUNCH_HOST", nowhere("http")),
        ("JWT_SECRET", "s".repeat(32)),
        ("MD5_SECRET_KEY", "key".to_owned()),
        ("GPET_PARTNER_SECRET", "p".repeat(32)),
        ("GPET_DATA_KEY", "00".repeat(32)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut config = Config::from_variables(variables).unwrap();
    config.api.request_timeout_seconds = timeout_seconds;
    config.database.acquire_timeout_seconds = 1;
    AppState::new(
        Context::new(config.clone()).await.unwrap(),
        Partners::connect(&config).unwrap(),
    )
}

async fn client() -> TestClient<impl Endpoint> {
    TestClient::new(application(app(20).await, TaskTracker::new()).unwrap())
}

/// HTTP status, code, and the whole envelope, which must be one.
async fn envelope(response: TestResponse) -> (u16, u64, Value) {
    assert!(response.0.header("x-request-id").is_some());
    let status = response.0.status().as_u16();
    let body: Value = response.0.into_body().into_json().await.unwrap();
    assert!(body["msg"].is_string() && body.get("data").is_some(), "{body}");
    (status, body["code"].as_u64().unwrap(), body)
}

#[tokio::test]
async fn what_the_router_refuses_is_an_envelope() {
    let client = client().await;
    let (status, code, _) = envelope(client.get("/nowhere").send().await).await;
    assert_eq!((status, code), (404, 1404));
    let (status, code, _) = envelope(client.get("/api/h5/auth/phone").send().await).await;
    assert_eq!((status, code), (405, 1403));
    let (status, code, _) = envelope(client.request(Method::DELETE, "/healthz").send().await).await;
    assert_eq!((status, code), (405, 1403));
}

#[tokio::test]
async fn a_method_that_is_not_allowed_is_told_which_are() {
    let client = client().await;
    for (method, path, allowed) in [
        (Method::GET, "/api/h5/auth/phone", "POST"),
        (Method::DELETE, "/api/h5/withdrawals", "GET, HEAD, POST"),
        (
            Method::PUT,
            "/api/h5/groups/019a9d2e-7c1f-7a43-9f0e-5d0c3b8a6f10",
            "DELETE, GET, HEAD",
        ),
        (Method::PATCH, "/healthz", "GET, HEAD"),
        (Method::POST, "/openapi.json", "GET, HEAD"),
        (Method::GET, "/wxpay/notify", "POST"),
        (Method::GET, "/groups/star", "POST"),
    ] {
        let response = client.request(method, path).send().await;
        assert_eq!(response.0.header("allow"), Some(allowed), "{path}");
    }
}

#[tokio::test]
async fn the_description_is_served_whole() {
    let client = client().await;
    let served: Value = client
        .get("/openapi.json")
        .send()
        .await
        .0
        .into_body()
        .into_json()
        .await
        .unwrap();
    let whole: Value = serde_json::from_str(&description().unwrap()).unwrap();
    assert_eq!(served, whole);
    let page = client
        .get("/docs")
        .send()
        .await
        .0
        .into_body()
        .into_string()
        .await
        .unwrap();
    assert!(
        page.contains("partnerSign"),
        "the page shows the whole description"
    );
}

#[tokio::test]
async fn what_a_body_lacks_is_named() {
    let client = client().await;
    let send = |kind: &'static str, body: &'static str| {
        let request = client.post("/api/h5/auth/phone").body(body);
        async move { envelope(request.content_type(kind).send().await).await }
    };
    let (status, code, body) = send("application/json", "{").await;
    assert_eq!((status, code, &body["data"]), (400, 1403, &Value::Null));
    let (status, code, body) = send("application/json", r#"{"phone":"13800138000"}"#).await;
    assert_eq!(
        (status, code, &body["data"]),
        (400, 1403, &json!({ "field": "code" }))
    );
    let (status, code, body) = send("application/json", r#"{"phone":["13800138000"],"code":"1"}"#).await;
    assert_eq!(
        (status, code, &body["data"]),
        (400, 1403, &json!({ "field": "phone" }))
    );
    let (status, code, body) = send("application/json", r#"{"phone":"17","code":"1"}"#).await;
    assert_eq!(
        (status, code, &body["data"]),
        (400, 1403, &json!({ "field": "phone" }))
    );
    let (status, code, _) = send("text/plain", "{}").await;
    assert_eq!((status, code), (415, 1403));
}

#[tokio::test]
async fn bodies_are_limited_whether_or_not_they_say_how_long_they_are() {
    let client = client().await;
    let chunk = || Ok::<_, std::io::Error>(vec![b' '; 64 << 10]);
    let chunks = |count| Body::from_bytes_stream(futures::stream::iter((0..count).map(move |_| chunk())));
    let post = |body: Body| {
        let request = client
            .post("/api/h5/auth/phone")
            .content_type("application/json")
            .body(body);
        async move { envelope(request.send().await).await }
    };
    let (status, code, _) = post(chunks(17)).await;
    assert_eq!((status, code), (413, 1403));
    let (status, _, _) = post(chunks(16)).await;
    assert_eq!(status, 400, "one megabyte of blanks is small enough, and no JSON");
    let announced = client
        .post("/nowhere")
        .header("content-length", (1u64 << 20) + 1)
        .send()
        .await;
    let (status, code, _) = envelope(announced).await;
    assert_eq!((status, code), (413, 1403));
    let settlement = client
        .post("/settlement")
        .header("content-length", 1u64 << 26)
        .send()
        .await;
    assert_ne!(settlement.0.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn without_a_token_nobody_passes() {
    let client = client().await;
    let (status, code, _) = envelope(client.get("/api/h5/me").send().await).await;
    assert_eq!((status, code), (401, 1401));
    let wrong = client
        .get("/api/console/users")
        .header("authorization", "Bearer a.b.c");
    let (status, code, _) = envelope(wrong.send().await).await;
    assert_eq!((status, code), (401, 1401));
    let app = app(20).await;
    let claims = domain::identity::UserClaims {
        user: kernel::id::UserId::new(),
        wechat: None,
    };
    let token = app.tokens().for_user(claims, &app.clock).unwrap().token;
    let other = client
        .get("/api/console/users")
        .header("authorization", format!("Bearer {token}"));
    let (status, code, _) = envelope(other.send().await).await;
    assert_eq!((status, code), (403, 1401));
}

#[tokio::test]
async fn a_store_that_is_away_is_503_and_named() {
    let client = client().await;
    let code = client
        .post("/api/h5/auth/sms-code")
        .body_json(&json!({ "phone": "13800138000" }));
    let response = code.send().await;
    assert!(response.0.header("retry-after").is_some());
    let (status, code, body) = envelope(response).await;
    assert_eq!(
        (status, code, &body["msg"]),
        (503, 1500, &json!("Redis is not available"))
    );
    let (status, _, body) = envelope(client.get("/readyz").send().await).await;
    let all_down = json!({ "postgresql": "down", "redis": "down", "rabbitmq": "down" });
    assert_eq!((status, &body["data"]), (503, &all_down));
    let (status, code, _) = envelope(client.get("/healthz").send().await).await;
    assert_eq!((status, code), (200, 1200));
}

#[tokio::test]
async fn the_star_route_answers_in_its_partners_form_whatever_goes_wrong() {
    let client = client().await;
    let form = |response: TestResponse| async move {
        let status = response.0.status().as_u16();
        let body: Value = response.0.into_body().into_json().await.unwrap();
        assert!(body["msg"].is_string() && body.get("code").is_none(), "{body}");
        (status, body["resultCode"].as_u64().unwrap())
    };
    let star = || client.post("/groups/star").content_type("application/json");
    assert_eq!(form(star().body("{}").send().await).await, (401, 401));
    let large = star().header("content-length", (1u64 << 20) + 1);
    assert_eq!(form(large.send().await).await, (403, 403));
    assert_eq!(form(client.get("/groups/star").send().await).await, (403, 403));
}

#[tokio::test]
async fn partners_are_refused_before_any_store_is_asked() {
    let client = client().await;
    for path in ["/groups/no_click", "/robot/undistributable", "/task/receive"] {
        let (status, code, _) = envelope(client.post(path).body("{}").send().await).await;
        assert_eq!((status, code), (401, 1401), "{path}");
    }
    for path in ["/settlement", "/bi/users"] {
        let (status, code, body) = envelope(client.post(path).body("{}").send().await).await;
        assert_eq!((status, code), (400, 1403), "{path}");
        assert_eq!(body["data"], json!({ "field": "timestamp" }), "{path}");
    }
    for (method, path) in [
        (Method::POST, "/robot/distribution"),
        (Method::GET, "/robot/show"),
    ] {
        let (status, code, _) = envelope(client.request(method, path).send().await).await;
        assert_eq!((status, code), (401, 1401), "{path}");
    }
    let (status, code, body) = envelope(client.get("/page/access?p=/home").send().await).await;
    assert_eq!((status, code), (503, 1500));
    assert_eq!(body["msg"], "PostgreSQL is not available");
}

static MAY_GO_ON: tokio::sync::Notify = tokio::sync::Notify::const_new();
static FINISHED: AtomicBool = AtomicBool::new(false);

#[handler]
fn panics() {
    panic!("a secret of the inside");
}

#[handler]
async fn takes_too_long() {
    MAY_GO_ON.notified().await;
    FINISHED.store(true, Ordering::SeqCst);
}

#[handler]
fn refuses() -> poem::Result<()> {
    let error = kernel::Error::too_many(kernel::code::Code::SmsTooFrequent, 42);
    Err(crate::http::error::Failure(error).into())
}

#[tokio::test]
async fn panics_and_time_outs_are_envelopes_and_the_work_is_not_cut_off() {
    let routes = Route::new()
        .at("/panics", post(panics))
        .at("/takes-too-long", post(takes_too_long))
        .at("/refuses", post(refuses));
    let tasks = TaskTracker::new();
    let client = TestClient::new(guarded(routes, Allow::new([]), app(1).await, tasks.clone()));
    let (status, code, body) = envelope(client.post("/panics").send().await).await;
    assert_eq!((status, code), (500, 1500));
    assert!(!body.to_string().contains("secret"));
    let (status, code, _) = envelope(client.post("/takes-too-long").send().await).await;
    assert_eq!((status, code), (503, 1500));
    assert!(!FINISHED.load(Ordering::SeqCst));
    MAY_GO_ON.notify_one();
    tasks.close();
    tasks.wait().await;
    assert!(
        FINISHED.load(Ordering::SeqCst),
        "the handler went on without its client"
    );
    let response = client.post("/refuses").send().await;
    response.assert_header("retry-after", "42");
    let (status, code, _) = envelope(response).await;
    assert_eq!((status, code), (429, 2304));
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_replaced() {
    let client = client().await;
    let kept = client
        .get("/healthz")
        .header("x-request-id", "order-4711-a")
        .send()
        .await;
    kept.assert_header("x-request-id", "order-4711-a");
    let odd = client
        .get("/healthz")
        .header("x-request-id", "not a sane one")
        .send()
        .await;
    assert_eq!(odd.0.header("x-request-id").unwrap().len(), 36);
}

#[test]
fn a_failure_says_its_own_status() {
    let failure = crate::http::error::Failure(kernel::Error::forbidden("no"));
    assert_eq!(failure.status(), StatusCode::FORBIDDEN);
}
