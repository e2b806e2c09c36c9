//! What is one person's alone reaches that person, and nobody else: codes, links, confirmations.

mod joining_link;
mod limits;
mod mini_program;
mod outbox;
mod sweep;

use anyhow::Result;
use it::App;
use serde_json::json;

/// Somebody asks a robot for the way home.
async fn asks_for_home(app: &App, user_code: &str, robot_code: &str) -> Result<()> {
    let words = json!({"robot_id": robot_code, "user_id": user_code, "type": 3, "content": "1",
                       "send_time": app.context.clock.now().to_rfc3339()});
    app.happens("private_message", words).await
}

/// The tokens in all links that a person was sent, oldest first.
async fn links(app: &App, user_code: &str) -> Result<Vec<String>> {
    let told = app.simulator.told(user_code).await?;
    Ok(told.iter().flat_map(|text| tokens_in(text)).collect())
}

/// The tokens of all links in a text.
fn tokens_in(text: &str) -> Vec<String> {
    let end = |c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c));
    let token = |after: &str| after.split(end).next().unwrap_or_default().to_owned();
    text.split("link_token=").skip(1).map(token).collect()
}
