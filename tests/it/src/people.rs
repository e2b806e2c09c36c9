//! How people come to us: through WeChat, and by befriending a robot.

use crate::{App, Client};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;

impl App {
    /// Logs in with WeChat's code for these ids; answers the caller, and whether their profile is complete.
    ///
    /// # Errors
    /// When WeChat or the application refuses.
    pub async fn wechat(&self, union_id: &str, open_id: &str) -> Result<(Client, bool)> {
        let body = json!({"code": format!("sim:{union_id}:{open_id}")});
        let reply = self.anonymous().post("/api/h5/auth/wechat", body).await?;
        let data = reply.data();
        let token = data["token"]
            .as_str()
            .with_context(|| format!("no token in {reply:?}"))?;
        Ok((self.anonymous().with_token(token), data["completed"] == true))
    }

    /// The token in the link of the welcome a robot sent to this person.
    ///
    /// # Errors
    /// When none was sent.
    pub async fn link_token(&self, user_code: &str) -> Result<String> {
        let told = self.simulator.told(user_code).await?;
        let after = told.iter().find_map(|text| text.split("link_token=").nth(1));
        let after = after.with_context(|| format!("no link in {told:?}"))?;
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
        Ok(after[..end.unwrap_or(after.len())].to_owned())
    }

    /// A person who was shown a robot by somebody (or nobody), befriended it, and joined their two accounts: `U-name` in
    /// chats, `union-name` and `open-name` to WeChat.
    ///
    /// # Errors
    /// When any of it is refused.
    pub async fn adopts(&self, name: &str, robot: &str, sharer: Option<String>) -> Result<Client> {
        let (union_id, open_id, code) = (
            format!("union-{name}"),
            format!("open-{name}"),
            format!("U-{name}"),
        );
        let (caller, _) = self.wechat(&union_id, &open_id).await?;
        let visit = json!({"union_id": union_id, "open_id": open_id, "sharing_user_id": sharer});
        let shown = caller.post("/robot/distribution", visit).await?;
        ensure!(shown.outcome() == (200, 1200), "{shown:?}");
        self.befriends(&code, robot).await?;
        let link = json!({ "link_token": self.link_token(&code).await? });
        let reply = caller.post("/api/h5/me/complete", link).await?;
        ensure!(reply.outcome() == (200, 1200), "{reply:?}");
        self.drain().await?;
        Ok(caller)
    }
}
