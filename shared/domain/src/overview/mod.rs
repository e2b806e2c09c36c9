//! What operators see across all rooms: the dashboard, what waits for them, a search, and one user with all that hangs on
//! them.
//!
//! The room asks the others and adds up. Of its own it keeps only what a day came to that has ended
//! ([`seal_day`], part of the job flush_activity), so that the dashboard of a month counts no more than today: past days do
//! not change, for whatever is booked, bound, lost or asked for carries the time at which it happened.

mod dashboard;
mod figures;
mod inbox;
mod machinery;
mod repo;
mod seal_day;
mod search;
mod user;

pub use dashboard::{Dashboard, dashboard};
pub use figures::LONGEST;
pub use inbox::{Inbox, inbox};
pub use seal_day::seal_day;
pub use search::{Hit, HitKind, search};
pub use user::{UserDetail, get_user};
