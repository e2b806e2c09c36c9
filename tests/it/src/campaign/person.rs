//! People as all systems know them.

/// Somebody with a chat code and a WeChat account.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Such as `p07`; all their ids end with it.
    pub name: String,
    /// The robot they befriend.
    pub robot: &'static str,
    /// The name of who sent them.
    pub master: Option<String>,
}

impl Person {
    /// Their code on the chat network.
    pub fn chat_code(&self) -> String {
        format!("U-{}", self.name)
    }

    /// Their WeChat id over all apps, and within ours.
    pub fn wechat(&self) -> (String, String) {
        (format!("union-{}", self.name), format!("open-{}", self.name))
    }
}
