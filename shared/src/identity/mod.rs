//! Users and operators: who they are and how they prove it.
//!
//! A user comes to be when a robot is befriended or on first login. `code` is their id on the chat network, `union_id`
//! and `open_id` are WeChat's; the welcome's link token joins the two.

pub mod model;
mod repo;
pub mod role;
pub mod service;
pub mod token;
