//! A NUL character, which PostgreSQL's text cannot hold, in every text that a request may carry.

use anyhow::{Context as _, Result, ensure};
use domain::identity::Role;
use it::{App, Client, with_app};
use reqwest::Method;
use serde_json::{Value, json};

/// Routes that check a signature of their own before they look at a body, or answer in their partner's form.
const OWN_FORM: [&str; 3] = ["/groups/star", "/settlement", "/wxpay/notify"];

/// A request with a NUL in one place, and the field that must be named.
struct Probe {
    method: Method,
    path: String,
    body: Option<Value>,
    field: String,
}

/// Every string of the API's description: parameters of path and query, and what bodies hold.
fn probes(api: &Value) -> Result<Vec<Probe>> {
    let mut probes = Vec::new();
    for (path, operations) in api["paths"].as_object().context("no paths")? {
        for (method, operation) in operations.as_object().context("no operations")? {
            let method: Method = method.to_uppercase().parse()?;
            let any = "00000000-0000-0000-0000-000000000000";
            let filled = |spoilt: &str| {
                let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
                    Some(name) if name.trim_end_matches('}') == spoilt => "a%00b",
                    Some("date}") => "2026-11-22",
                    Some(_) => any,
                    None => segment,
                });
                segments.collect::<Vec<_>>().join("/")
            };
            let probe = |path: String, body: Option<Value>, field: &str| Probe {
                method: method.clone(),
                path,
                body,
                field: field.to_owned(),
            };
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().context("a parameter without a name")?;
                match parameter["in"].as_str() {
                    Some("path") => probes.push(probe(filled(name), None, name)),
                    Some("query") if parameter["schema"]["type"] == "string" => {
                        probes.push(probe(format!("{}?{name}=a%00b", filled("")), None, name));
                    }
                    // A header cannot hold one: it is no HTTP.
                    _ => {}
                }
            }
            let schema = &operation["requestBody"]["content"]["application/json; charset=utf-8"]["schema"];
            for (field, body) in spoilt(api, schema) {
                probes.push(probe(filled(""), Some(body), &field));
            }
        }
    }
    Ok(probes)
}

/// The strings in a schema, each as the path of its field and a body that has nothing but it, with a NUL.
fn spoilt(api: &Value, schema: &Value) -> Vec<(String, Value)> {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return spoilt(api, &api["components"]["schemas"][name]);
    }
    let inner = |schema: &Value| spoilt(api, schema).into_iter();
    match schema["type"].as_str() {
        Some("string") => vec![(String::new(), json!("a\0b"))],
        Some("array") => inner(&schema["items"])
            .map(|(field, value)| (field, json!([value])))
            .collect(),
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let named = fields.flat_map(|(name, schema)| {
                inner(schema).map(move |(field, value)| {
                    let path = if field.is_empty() {
                        name.clone()
                    } else {
                        format!("{name}.{field}")
                    };
                    (path, json!({ name: value }))
                })
            });
            named.collect()
        }
        _ => schema["allOf"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(inner)
            .collect(),
    }
}

/// Who calls these routes.
struct Callers {
    operator: Client,
    user: Client,
}

async fn answer(app: &App, callers: &Callers, probe: &Probe) -> Result<it::Reply> {
    let Probe {
        method, path, body, ..
    } = probe;
    let partner = ["/bi/", "/groups/", "/task/", "/robot/undistributable"];
    if let (Some(body), true) = (body, partner.iter().any(|start| path.starts_with(start))) {
        return app.signed_post(path, body.clone()).await;
    }
    let caller = match path.starts_with("/api/console") {
        true => &callers.operator,
        false => &callers.user,
    };
    caller.call(method.clone(), path, body.as_ref()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_anywhere_in_a_request_is_refused_and_its_field_named() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let user = app.befriends("U-1", "R-1").await?;
        let callers = Callers {
            operator: app.console(Role::Admin).await?,
            user: app.h5(user)?,
        };
        let described = callers.operator.get("/openapi.json").await?.body;
        let probes = probes(&described)?;
        assert!(probes.len() > 100, "{}", probes.len());
        let mut wrong = Vec::new();
        for probe in &probes {
            let reply = answer(app, &callers, probe).await?;
            let named = reply.data()["field"].as_str();
            let refused = match OWN_FORM.contains(&probe.path.as_str()) {
                true => reply.status < 500,
                false => reply.outcome() == (400, 1403) && named == Some(probe.field.as_str()),
            };
            if !refused {
                let asked = format!("{} {} {:?}", probe.method, probe.path, probe.body);
                wrong.push(format!("{asked}: {:?} {}", reply.outcome(), reply.body));
            }
        }
        ensure!(
            wrong.is_empty(),
            "{} of {}:\n{}",
            wrong.len(),
            probes.len(),
            wrong.join("\n")
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_is_found_in_whatever_form_it_comes() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        for (query, field) in [
            ("users?code=%00", "code"),
            ("users?page_size=1&code=A%00", "code"),
            ("users?nobody=%00", "nobody"),
            ("users?%00=A", "query"),
        ] {
            let reply = operator.get(&format!("/api/console/{query}")).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{query}");
            assert_eq!(reply.data()["field"], field, "{query}");
        }
        let harmless = operator.get("/api/console/users?code=%2500").await?;
        assert_eq!(harmless.outcome(), (200, 1200));
        let login = json!({"username": "a\0b", "password": "x"});
        let reply = app.anonymous().post("/api/console/auth/login", login).await?;
        assert_eq!(
            (reply.outcome(), &reply.data()["field"]),
            ((400, 1403), &json!("username"))
        );
        let unknown = json!({"username": "a", "password": "x", "more": [{"k": "\0"}]});
        let reply = app.anonymous().post("/api/console/auth/login", unknown).await?;
        assert_eq!(
            (reply.outcome(), &reply.data()["field"]),
            ((400, 1403), &json!("more.k"))
        );
        let page = app.anonymous().get("/page/access?p=%00").await?;
        assert_eq!(
            (page.outcome(), &page.data()["field"]),
            ((400, 1403), &json!("p"))
        );
        let star =
            json!({"command": "update_group_star", "data": [{"groupId": "G\0", "state": 1, "star": 3}]});
        assert_eq!(app.signed_post("/groups/star", star).await?.status, 403);
        let revenue = json!({"settle_date": "2026-11-20", "data": {"G\0": 1}});
        assert_eq!(
            app.signed_post("/settlement", revenue).await?.outcome(),
            (400, 1403)
        );
        let nowhere = app.anonymous().get("/nowhere/%00?a=%00").await?;
        assert_eq!(nowhere.outcome(), (404, 1404));
        Ok(())
    })
    .await;
}
