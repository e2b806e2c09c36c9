//! Tracking events and the active-user log.
//!
//! Events go out through the outbox to our exchange as `{command, body}` with a message id; everybody who listens has a
//! queue of their own.

pub mod activity;
pub mod backlog;
mod event;
pub mod mirror;
pub mod page;

pub use event::{BusinessEvent, announce};
