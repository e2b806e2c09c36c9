//! Robots: what each may still do today, whom it is offered to, and what happens to it.
//!
//! `robot_days` holds the truth: one row per robot and business day. Displays and activations are single conditional
//! updates there, so that no number of requests at once promises more than the rules allow; Redis mirrors the rows under
//! the original's keys and is never asked. A choice reserves nothing: over-offering is intended, `display_rate` displays
//! an activation.

mod access;
pub mod capacity;
pub mod choice;
pub mod companion;
mod details;
pub(crate) mod entity;
pub mod events;
mod incident;
mod link;
pub mod lists;
pub mod menu;
pub mod mirror;
pub mod model;
mod of_user;
pub mod registry;
mod repo;
pub mod service;
pub mod sync;

pub use of_user::{AccessEntry, Acquaintance, access_of, acquaintances};
