//! Ads sent to groups for the delivery system (投放系统).
//!
//! A task is taken once. What a group is to get becomes robot commands in the outbox; once all of them have ended, the
//! group's result goes to the delivery system, through the outbox too. A group counts as served when everything arrived
//! for certain. README.md in this folder has the rules.

pub(crate) mod entity;
mod mini_program;
mod model;
mod receive;
mod repo;
mod report;

pub use model::{Item, ItemKind, ResultState, Task, TaskType};
pub use receive::receive;
pub use repo::AWAITS_MESSAGE;
pub use report::report;
