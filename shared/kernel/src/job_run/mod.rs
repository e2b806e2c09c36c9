//! Runs of dated jobs: one row per (job, business date, slot), fenced by a lease so that a replica that stalled can't
//! write.

mod due;
pub(crate) mod entity;
mod fence;
mod list;

pub use due::{is_done, is_open, make_due, make_due_again, make_newest_due};
pub use fence::{Fence, LEASE, claim, claim_oldest};
pub use list::{JobRun, list, newest};

use super::clock::BusinessDate;

/// Which run of a job: a business date, and which of the day's times it is for, counted from 1. In order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Slot {
    pub date: BusinessDate,
    pub number: i16,
}

impl Slot {
    /// The first of a date, and the only one for most jobs.
    pub fn first(date: BusinessDate) -> Self {
        Slot { date, number: 1 }
    }
}
