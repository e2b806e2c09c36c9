//! Groups: bound, rated, settled out, unbound; their members and their clean-up.
//!
//! A row of `groups` is one stay of a robot in a chat group. At most one stay of a group is not cancelled, and every
//! event of one group is handled under the group's lock, so that duplicates and overtaking messages end in the same
//! state. We ask the network to unbind; a stay ends when it says it did, except for stays the network
//! cannot speak of any more (its robot is blocked, or it no longer lists the group).
//!
//! Functions that are part of a robot event take its transaction; the others open their own.

mod attributes;
mod bind_request;
mod bind_success;
pub mod cleanup;
mod companion;
mod delivery_switch;
mod detail;
pub(crate) mod entity;
mod event;
mod lists;
mod model;
mod observe;
mod operator_cancel;
mod rate;
mod reconcile;
mod repo;
mod robot_deletion;
mod unbind;

pub use attributes::{AttributesResult, GroupAttributes, import_attributes, no_click};
pub use bind_request::{bind_refused, user_arrived, wait_for_bind};
pub use bind_success::bind_succeeded;
pub use delivery_switch::{launch_switched, set_launch_switch};
pub use detail::{GroupDetail, UserGroupDetail, get_for_console, get_for_user, list_stars};
pub use lists::{
    ConsoleGroup, GroupColumn, GroupFilter, IncomeFilter, IncomeStatus, UserGroup, list_for_console,
    list_for_user,
};
pub use model::{GroupState, GroupStatus, Rating, RunningStatus, Star};
pub use observe::{group_info, joined, left, members, message};
pub use operator_cancel::{Cancelled, OperatorReason, cancel_for_operator};
pub use rate::rate;
pub use reconcile::{Reconciliation, Skipped, Unheld, reconcile};
pub use repo::details::{GroupCleanup, GroupStay};
pub use repo::figures::{Lost, StarCount, bound_by_day, count_by_star, lost_by_day};
pub use repo::importers::{Importer, importers};
pub use repo::search::search;
pub use repo::stars::StarChange;
pub use robot_deletion::delete_robot;
pub use unbind::{cancel, cancel_for_user, kicked, robot_blocked, unbound};
