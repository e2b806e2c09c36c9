//! Who somebody is, over HTTP: codes by SMS, codes of WeChat, tokens, and two rows that are one person.

mod app_config;
mod joining;
mod login;
mod operators;
mod tokens;

pub(crate) use joining::adopt;

use anyhow::Result;
use it::{App, Client};

/// Logs in with WeChat's code for these ids; answers the caller, and whether their profile is complete.
pub(crate) async fn wechat(app: &App, union_id: &str, open_id: &str) -> Result<(Client, bool)> {
    app.wechat(union_id, open_id).await
}

/// The token in the link of the welcome a robot sent to this person.
pub(crate) async fn link_token(app: &App, user_code: &str) -> Result<String> {
    app.link_token(user_code).await
}
