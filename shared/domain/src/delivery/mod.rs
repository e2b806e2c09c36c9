//! Ads sent to groups for the delivery system (投放系统).
//!
//! A task is taken once. What a group is to get becomes robot commands in the outbox; once all of them have ended, the
//! group's result goes to the delivery system, through the outbox too. A group counts as served when everything arrived
//! for certain.

pub(crate) mod entity;
mod mini_program;
pub mod model;
mod repo;
mod service;

pub use service::{receive, report};
