//! Who somebody is, over HTTP: codes by SMS, codes of WeChat, tokens, and two rows that are one person.

mod joining;
mod login;
mod operators;
mod tokens;

pub(crate) use joining::adopt;

use anyhow::{Context as _, Result};
use it::{App, Client};
use serde_json::json;

/// Logs in with WeChat's code for these ids; answers the caller, and whether their profile is complete.
pub(crate) async fn wechat(app: &App, union_id: &str, open_id: &str) -> Result<(Client, bool)> {
    let body = json!({"code": format!("sim:{union_id}:{open_id}")});
    let reply = app.anonymous().post("/api/h5/auth/wechat", body).await?;
    let data = reply.data();
    let token = data["token"]
        .as_str()
        .with_context(|| format!("no token in {reply:?}"))?;
    Ok((app.anonymous().with_token(token), data["completed"] == true))
}

/// The token in the link of the welcome a robot sent to this person.
pub(crate) async fn link_token(app: &App, user_code: &str) -> Result<String> {
    let told = app.simulator.told(user_code).await?;
    let after = told.iter().find_map(|text| text.split("link_token=").nth(1));
    let after = after.with_context(|| format!("no link in {told:?}"))?;
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
    Ok(after[..end.unwrap_or(after.len())].to_owned())
}
