//! Users and operators: who they are and how they prove it.
//!
//! A user comes to be when a robot is befriended or on first login. `code` is their id on the chat network, `union_id`
//! and `open_id` are WeChat's; the welcome's link token joins the two. README.md in this folder has the rules.

mod block;
pub(crate) mod entity;
mod id_card;
mod join;
mod limit;
pub mod link_token;
pub mod login;
mod master;
mod meet;
mod model;
pub mod operator;
mod password;
mod phone;
mod profile;
mod registered;
mod repo;
mod role;
pub mod sms_code;
mod token;

pub use block::{block, unblock};
pub use join::join_accounts;
pub use master::{chain_above, get_with_master};
pub use meet::meet;
pub(crate) use model::SPEAKING_ROBOTS;
pub use model::{
    ChatProfile, Level, Operator, OperatorStatus, User, UserColumn, UserFilter, UserStatus, UserWithMaster,
    WechatProfile,
};
pub use phone::Phone;
pub use profile::{bind_phone, file_id_card};
pub use registered::UserRegistered;
pub use repo::figures::new_by_day;
pub use repo::joining::FORGET_LINK_USES;
pub use repo::search::search;
pub use repo::users::{by_code, by_id, disciples, list, note_import};
pub use role::{Permission, Role};
pub use token::{Audience, Issued, Tokens, UserClaims, WechatIds};
