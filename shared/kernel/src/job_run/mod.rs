//! Runs of dated jobs: one row per (job, business date, slot), fenced by a lease so that a replica that stalled can't
//! write.

mod calendar;
mod due;
pub mod entity;
mod fence;
mod slot;
mod state;

pub use calendar::{
    HORIZON_DAYS, Missed, Watched, begin_calendar, make_due, make_missing_due, make_newest_due, missed,
    reopen_beyond,
};
pub use due::{is_done, is_open, make_due_again, oldest_open_before};
pub use fence::{Fence, LEASE, claim, claim_oldest};
pub use slot::{CoveredDate, Slot, next_at};
pub use state::RunState;
