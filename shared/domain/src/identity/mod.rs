//! Users and operators: who they are and how they prove it.
//!
//! A user comes to be when a robot is befriended or on first login. `code` is their id on the chat network, `union_id`
//! and `open_id` are WeChat's; the welcome's link token joins the two.

pub(crate) mod entity;
mod id_card;
pub mod joining;
mod limit;
pub mod link_token;
pub mod login;
pub mod model;
pub mod operator;
mod operator_repo;
mod password;
pub mod phone;
pub mod profile;
mod repo;
pub mod role;
pub mod service;
pub mod sms_code;
pub mod token;
mod user_repo;
