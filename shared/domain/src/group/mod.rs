//! Groups: bound, rated, settled out, unbound; their members and their clean-up.
//!
//! A row of `groups` is one stay of a robot in a chat group. At most one stay of a group is not cancelled, and every
//! event of one group is handled under the group's lock, so that duplicates and overtaking messages of contracts.md
//! 10.15 end in the same state. We ask the gateway to unbind; a stay ends when it says it did, but for stays the gateway
//! cannot speak of any more (its robot is blocked, or it no longer lists the group).

mod binding;
mod bound;
pub mod cleanup;
mod companion;
pub(crate) mod entity;
pub mod export;
mod giving_up;
mod launch;
mod lists;
pub mod model;
mod observing;
mod rating;
mod reconciliation;
mod repo;
mod robot_deletion;
pub mod service;
mod traits;
mod unbinding;
