//! Tracking events and the active-user log.
//!
//! Events go out through the outbox to our exchange as `{command, body}` with a message id; everybody who listens has a
//! queue of their own.

mod backlog;
mod event;
mod mirror;
mod page;
mod repo;

pub use backlog::PageBacklog;
#[cfg(test)]
pub(crate) use event::wire;
pub use event::{BusinessEvent, EventName, announce};
pub use mirror::refresh_activity;
pub use page::{PageAccess, page_accessed};
pub(crate) use repo::DELETED_USER;
pub use repo::{DayActivity, activity_of, chatted, users_by_day};
