//! Robots: what each may still do today, whom it is offered to, and what happens to it.
//!
//! `robot_days` holds the truth: one row per robot and business day. Displays and activations are single conditional
//! updates there, so that no number of requests at once promises more than the rules allow; Redis mirrors the rows under
//! the previous system's keys and is never asked. A choice reserves nothing: over-offering is intended, `display_rate` displays
//! an activation.
//!
//! What takes a connection is part of a larger transaction; its caller calls [`mirror::refresh`] once that has committed.

mod channels;
mod choice;
pub mod companion;
mod days;
mod detail;
pub(crate) mod entity;
pub mod events;
pub mod link;
pub mod mirror;
mod model;
mod registration;
pub mod registry;
mod repo;
mod sync;
mod visitors;

/// The counters of a robot's day.
pub mod capacity {
    pub use crate::robot::repo::capacity::{activate, activations, open_day, release, remove_for_today};
}

pub use channels::{ChannelCapacity, capacity_by_channel};
pub use choice::{Choice, choose_for_user};
pub use days::{capacity_of, distribute_robots};
pub use detail::{RobotDetail, get_for_console};
pub use model::{DayCounters, Removal, Robot, RobotCard, RobotStatus, Shortage};
pub use repo::acquaintances::{AccessEntry, Acquaintance, access_of, acquaintances};
pub use repo::history::{RobotDay, RobotIncident, RobotReplacement, RobotTies, any_by_id};
pub use repo::lists::{KnownRobot, RobotColumn, RobotFilter, list, of_user};
pub use repo::search::search;
pub use repo::{by_code, by_id, deleted_or, is_robot, lock_by_code, lock_by_id, was_ours, working};
pub use sync::{Synced, sync};
pub use visitors::{distribute, show};
