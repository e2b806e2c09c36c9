//! How users see themselves.

use chrono::{DateTime, Utc};
use domain::identity;
use kernel::id::UserId;
use poem_openapi::Object;

/// A user.
#[derive(Object)]
pub struct User {
    id: UserId,
    /// Their id on the chat network; null until a robot met them.
    code: Option<String>,
    nickname: String,
    head_url: String,
    /// The bound phone, its middle hidden.
    phone: Option<String>,
    channel: Option<String>,
    /// Whether an ID card is on file.
    has_id_card: bool,
    /// Whether WeChat login and robot are joined.
    completed: bool,
    /// Whether they logged in through WeChat, where money is paid to.
    has_wechat: bool,
    /// Whether an operator blocked them.
    blocked: bool,
    /// When they came.
    created_at: DateTime<Utc>,
}

impl From<identity::User> for User {
    fn from(user: identity::User) -> Self {
        let hidden = user
            .phone
            .as_deref()
            .and_then(|phone| phone.parse::<domain::identity::Phone>().ok());
        User {
            id: user.id,
            completed: user.code.is_some() && user.completed(),
            has_wechat: user.completed(),
            blocked: user.blocked(),
            created_at: user.created_at,
            code: user.code.map(|code| code.to_string()),
            nickname: user.nickname,
            head_url: user.head_url,
            phone: hidden.map(|phone| phone.to_string()),
            channel: user.channel,
            has_id_card: user.has_id_card,
        }
    }
}
