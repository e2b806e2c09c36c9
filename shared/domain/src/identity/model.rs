//! Users and operators.

use super::role::{Permission, Role};
use super::token::WechatIds;
use chrono::{DateTime, Utc};
use kernel::dates::DateFilter;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, UserId};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::FromQueryResult;
use transport::UserCode;

kernel::numbered! {
    /// How we stand with a user.
    pub enum UserStatus: "status" {
        /// As it should be.
        Normal = 1,
        /// An operator stopped them: they neither withdraw nor bring groups.
        Blocked = 2,
        /// Joined with another row, or gone; found by nobody.
        Deleted = 3,
    }
}

/// The room of tracking asks for it and cannot name it.
const _: () = assert!(UserStatus::Deleted.number() == crate::tracking::DELETED_USER);

/// The statuses of robots that can speak: `robot::RobotStatus`, which this room comes before. It is held equal there.
pub(crate) const SPEAKING_ROBOTS: [i16; 2] = [1, 2];

kernel::numbered! {
    /// Whether an operator may still work.
    pub enum OperatorStatus: "status" {
        /// They may.
        Serving = 1,
        /// They left.
        Dismissed = 2,
    }
}

kernel::numbered! {
    /// How far below a user.
    pub enum Level: "level" {
        /// Invited by the user.
        Disciples = 1,
        /// Invited by those.
        GrandDisciples = 2,
    }
}

/// A person with an account with us.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Object)]
#[oai(rename = "ConsoleUser")]
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
    /// How we stand with them.
    pub status: UserStatus,
    /// Whether their ID card is on file.
    pub has_id_card: bool,
    /// When they came.
    pub created_at: DateTime<Utc>,
}

/// A person, and who invited them.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct UserWithMaster {
    /// The person.
    #[sea_orm(nested)]
    pub user: User,
    /// What the one who invited them is called, if they are still there.
    pub master_nickname: Option<String>,
}

impl User {
    /// Whether they opened the home page through WeChat.
    pub fn completed(&self) -> bool {
        self.union_id.is_some() || self.open_id.is_some()
    }

    /// Whether an operator blocked them.
    pub fn blocked(&self) -> bool {
        self.status == UserStatus::Blocked
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
    /// Exactly this channel.
    pub channel: Option<String>,
    /// A name that begins so.
    pub nickname: Option<String>,
    /// In this status.
    pub status: Option<UserStatus>,
    /// When they came.
    pub created: DateFilter,
    /// In which order.
    pub sort: Sort<UserColumn>,
}

kernel::sortable! {
    /// What users are sorted by.
    pub enum UserColumn: descending(CreatedAt), then ["users.id"] {
        /// When they came.
        CreatedAt = "created_at" => "users.created_at",
        /// What they are called, by the numbers of the signs.
        Nickname = "nickname" => "users.nickname COLLATE \"C\"",
    }
}

/// Somebody who works the console.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Operator {
    /// Our id.
    pub id: OperatorId,
    /// The name they log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Operator {
    /// Lets them pass, or not.
    ///
    /// # Errors
    /// 1401 with HTTP 403.
    pub fn must(&self, permission: Permission) -> Result<()> {
        match self.role.may(permission) {
            true => Ok(()),
            false => Err(Error::forbidden(format!(
                "the role {} may not do this",
                self.role
            ))),
        }
    }
}
