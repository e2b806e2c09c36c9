//! What a pass of payouts did.

use super::state::State;
use serde::Serialize;

/// What one pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PaidSummary {
    /// Calls made to pay.
    pub submitted: u64,
    /// Calls made to ask.
    pub queried: u64,
    /// Withdrawals found paid.
    pub paid: u64,
    /// Withdrawals found failed; the money is back.
    pub failed: u64,
    /// Answers after which nobody knows.
    pub unknown: u64,
    /// Answers that could not be written down; they are asked for again.
    pub troubles: u64,
    /// Why nothing more was submitted, if something stood against it.
    pub stopped: Option<String>,
}

impl PaidSummary {
    pub(in super::super) fn add(&mut self, other: PaidSummary) {
        self.submitted += other.submitted;
        self.queried += other.queried;
        self.paid += other.paid;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.troubles += other.troubles;
        self.stopped = self.stopped.take().or(other.stopped);
    }

    pub(in super::super) fn count(&mut self, state: State) {
        match state {
            State::Paid => self.paid += 1,
            State::Failed => self.failed += 1,
            State::Unknown => self.unknown += 1,
            _ => {}
        }
    }
}
