//! Page accesses: any query within limits becomes an event that PostgreSQL takes, in which we say who and when.

use api::partner::page_arguments;
use domain::tracking::PageAccess;
use poem::Request;
use poem::http::Uri;

use crate::rules::{now, refused, storable};

/// What we know ourselves.
const OURS: [&str; 3] = ["ip", "ua", "dt"];

/// The user agent, and in the next line the query.
pub fn access(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (agent, query) = text.split_once('\n').unwrap_or(("", &text));
    let Ok(uri) = format!("/page/access?{query}").parse::<Uri>() else {
        return;
    };
    let arguments = match page_arguments(&Request::builder().uri(uri).finish()) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    assert!(arguments.len() <= 100);
    let access = PageAccess {
        ip: [203, 0, 113, 9].into(),
        agent: agent.to_owned(),
        arguments,
    };
    let anonymous = access.anonymous();
    let (body, union_id) = access.into_body(now());
    assert_eq!(anonymous, union_id.is_none(), "{body:?}");
    if let Some(union_id) = union_id {
        storable("a union_id", &union_id, usize::MAX);
    }
    for (name, value) in &body {
        storable("a name", name, usize::MAX);
        storable("a value", value.as_str().unwrap_or("\0"), usize::MAX);
    }
    assert!(!body.contains_key("_a1"));
    assert!(OURS.iter().all(|name| body.contains_key(*name)));
    assert_eq!(
        (&body["ip"], &body["dt"]),
        (&"203.0.113.9".into(), &"2026-11-21 10:00:00.000000".into())
    );
    storable("the agent", body["ua"].as_str().unwrap_or("\0"), 512);
}
