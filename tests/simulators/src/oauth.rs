//! WeChat's OAuth and JS tickets. A code `sim:{union_id}:{open_id}` stands for those ids.

use std::sync::Arc;

use poem::{Route, get};
use serde_json::{Value, json};

use crate::call::{Call, Reply, watched};
use crate::partners::Partners;
use crate::script::Partner::Wechat;

/// Seconds that tokens and tickets last.
const LIFETIME: u32 = 7200;

/// Everything below `/wechat`.
pub fn routes(p: &Arc<Partners>) -> Route {
    Route::new()
        .at(
            "/sns/oauth2/access_token",
            get(watched(p, Wechat, "access_token", access_token)),
        )
        .at("/sns/userinfo", get(watched(p, Wechat, "userinfo", userinfo)))
        .at("/cgi-bin/token", get(watched(p, Wechat, "token", token)))
        .at(
            "/cgi-bin/ticket/getticket",
            get(watched(p, Wechat, "getticket", getticket)),
        )
}

fn error(code: u32, message: &str) -> Reply {
    Reply::json(json!({"errcode": code, "errmsg": message}))
}

/// The app must be the one that is known.
fn app_fault(call: &Call) -> Option<Reply> {
    if call.query_value("appid") != call.partners.settings.app_id {
        return Some(error(40013, "invalid appid"));
    }
    (call.query_value("secret") != call.partners.settings.app_secret)
        .then(|| error(40125, "invalid appsecret"))
}

/// The ids behind `{prefix}:{union_id}:{open_id}`.
fn ids(text: &str, prefix: &str) -> Option<(String, String)> {
    let (union_id, open_id) = text.strip_prefix(prefix)?.strip_prefix(':')?.split_once(':')?;
    (!union_id.is_empty() && !open_id.is_empty()).then(|| (union_id.to_owned(), open_id.to_owned()))
}

async fn access_token(call: Call) -> Reply {
    if let Some(fault) = app_fault(&call) {
        return fault;
    }
    if call.query_value("grant_type") != "authorization_code" {
        return error(40002, "invalid grant_type");
    }
    match ids(&call.query_value("code"), "sim") {
        Some((union_id, open_id)) => Reply::json(json!({
            "access_token": format!("at:{union_id}:{open_id}"),
            "expires_in": LIFETIME,
            "refresh_token": format!("rt:{union_id}:{open_id}"),
            "openid": open_id,
            "scope": "snsapi_userinfo",
            "unionid": union_id,
        })),
        None => error(40029, "invalid code"),
    }
}

async fn userinfo(call: Call) -> Reply {
    match ids(&call.query_value("access_token"), "at") {
        Some((union_id, open_id)) if open_id == call.query_value("openid") => Reply::json(json!({
            "openid": open_id,
            "nickname": format!("person {open_id}"),
            "sex": 0,
            "province": "",
            "city": "",
            "country": "",
            "headimgurl": format!("https://wechat.example/{open_id}.png"),
            "privilege": Value::Array(Vec::new()),
            "unionid": union_id,
        })),
        Some(_) => error(40003, "invalid openid"),
        None => error(40001, "invalid credential"),
    }
}

async fn token(call: Call) -> Reply {
    app_fault(&call)
        .unwrap_or_else(|| Reply::json(json!({"access_token": "sim-app-token", "expires_in": LIFETIME})))
}

async fn getticket(call: Call) -> Reply {
    if call.query_value("access_token") != "sim-app-token" {
        return error(40001, "invalid credential");
    }
    Reply::json(json!({"errcode": 0, "errmsg": "ok", "ticket": "sim-js-ticket", "expires_in": LIFETIME}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_code_stands_for_ids() {
        assert_eq!(ids("sim:u-1:o-1", "sim"), Some(("u-1".into(), "o-1".into())));
        for wrong in ["sim:u-1", "sim::o", "sim:u:", "x:u:o", "simu:o", ""] {
            assert_eq!(ids(wrong, "sim"), None, "{wrong}");
        }
    }
}
