//! What others call. Functions that are part of a robot event take its transaction; the others open their own.

pub use super::binding::{bind_refused, user_arrived, wait_for_bind};
pub use super::bound::bind_succeeded;
pub use super::giving_up::{GivenUp, cancel_for_operator};
pub use super::launch::{launch_switched, set_launch_switch};
pub use super::lists::{ConsoleFilters, ConsoleGroup, UserGroup, list_for_console, list_for_user};
pub use super::observing::{group_info, joined, left, members, message};
pub use super::rating::rate;
pub use super::reconciliation::{Reconciliation, Skipped, Unheld, reconcile};
pub use super::robot_deletion::delete_robot;
pub use super::traits::{Trait, TraitResult, import_traits, no_click};
pub use super::unbinding::{cancel, cancel_for_user, kicked, robot_blocked, unbound};
