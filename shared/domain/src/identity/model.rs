//! Users.

use super::token::WechatIds;
use chrono::{DateTime, Utc};
use kernel::id::UserId;
use sea_orm::FromQueryResult;
use transport::UserCode;

/// A person with an account with us.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// Their id on the chat network, once a robot met them.
    pub code: Option<UserCode>,
    /// WeChat's id of the person.
    pub union_id: Option<String>,
    /// WeChat's id of the person within our app.
    pub open_id: Option<String>,
    /// As they call themselves.
    pub nickname: String,
    /// Their picture.
    pub head_url: String,
    /// Bound phone number.
    pub phone: Option<String>,
    /// Where they came from; only robots of it, or general ones, are offered to them.
    pub channel: Option<String>,
    /// 1 normal, 2 blocked, 3 deleted.
    pub status: i16,
    /// Whether their ID card is on file.
    pub has_id_card: bool,
    /// When they came.
    pub created_at: DateTime<Utc>,
}

impl User {
    /// Whether they opened the home page through WeChat.
    pub fn completed(&self) -> bool {
        self.union_id.is_some() || self.open_id.is_some()
    }

    /// Whether an operator blocked them.
    pub fn blocked(&self) -> bool {
        self.status == 2
    }
}

/// How a person looks on the chat network.
#[derive(Debug, Clone, Default)]
pub struct ChatProfile {
    /// Their name.
    pub nickname: String,
    /// Their picture.
    pub head_url: String,
    /// Channel of the robot they met.
    pub channel: Option<String>,
}

/// Who WeChat says a person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WechatProfile {
    /// WeChat's ids of them.
    pub ids: WechatIds,
    /// Empty when they did not agree to show it.
    pub nickname: String,
    /// Empty likewise.
    pub head_url: String,
}

/// Which users an operator wants to see. What is not given does not matter.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Exactly this phone.
    pub phone: Option<String>,
    /// Exactly this chat code.
    pub code: Option<UserCode>,
    /// 1 normal, 2 blocked.
    pub status: Option<i16>,
}
