//! The state machine of a withdrawal. Pure: what may follow what, and which money moves with it.

mod heard;
#[cfg(test)]
mod tests;

pub use heard::{Lesson, queried, query_again_after, submitted};

use kernel::error::{Error, Result};
use sea_orm::{DeriveActiveEnum, EnumIter};
use std::fmt;

/// Where a withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// Waits for review.
    Requested,
    /// Waits to be paid.
    Approved,
    /// Refused by an operator; the money is back.
    Rejected,
    /// A call to the partner is under way.
    Submitting,
    /// The partner has it.
    Accepted,
    /// The user has to tap.
    WaitUserConfirm,
    /// Nobody knows what became of the call.
    Unknown,
    /// The money has arrived.
    Paid,
    /// It never will; the money is back.
    Failed,
}

/// Where held money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Back to available.
    Release,
    /// To the house's payouts.
    Payout,
}

impl State {
    /// Every state.
    pub const ALL: [State; 9] = [
        State::Requested,
        State::Approved,
        State::Rejected,
        State::Submitting,
        State::Accepted,
        State::WaitUserConfirm,
        State::Unknown,
        State::Paid,
        State::Failed,
    ];

    /// The name in the table and in events.
    pub const fn name(self) -> &'static str {
        match self {
            State::Requested => "requested",
            State::Approved => "approved",
            State::Rejected => "rejected",
            State::Submitting => "submitting",
            State::Accepted => "accepted",
            State::WaitUserConfirm => "wait_user_confirm",
            State::Unknown => "unknown",
            State::Paid => "paid",
            State::Failed => "failed",
        }
    }

    /// The number users and operators see, contracts 4.7: 0 under review, 1 paying, 2 refused, 3 paid, 4 failed.
    pub const fn shown(self) -> i16 {
        match self {
            State::Requested => 0,
            State::Approved
            | State::Submitting
            | State::Accepted
            | State::WaitUserConfirm
            | State::Unknown => 1,
            State::Rejected => 2,
            State::Paid => 3,
            State::Failed => 4,
        }
    }

    /// The states shown as this number.
    ///
    /// # Errors
    /// 1403 for a number nobody is shown.
    pub fn shown_as(number: i16) -> Result<Vec<State>> {
        let mut states = State::ALL.to_vec();
        states.retain(|state| state.shown() == number);
        if states.is_empty() {
            return Err(Error::params("status", "must be from 0 to 4"));
        }
        Ok(states)
    }

    /// Whether the money is still held.
    pub const fn is_open(self) -> bool {
        !matches!(self, State::Rejected | State::Paid | State::Failed)
    }

    /// Whether the partner was called and nobody is calling just now: such a withdrawal may be queried.
    pub const fn can_be_queried(self) -> bool {
        matches!(self, State::Accepted | State::WaitUserConfirm | State::Unknown)
    }

    /// Whether `next` may follow.
    pub const fn may_become(self, next: State) -> bool {
        match self {
            State::Requested => matches!(next, State::Approved | State::Rejected),
            State::Approved => matches!(next, State::Submitting | State::Rejected),
            State::Submitting => next.can_be_queried(),
            State::Accepted | State::WaitUserConfirm => {
                matches!(
                    next,
                    State::Accepted | State::WaitUserConfirm | State::Unknown | State::Paid | State::Failed
                )
            }
            // From unknown the same call may be made again.
            State::Unknown => {
                next.can_be_queried() || matches!(next, State::Submitting | State::Paid | State::Failed)
            }
            State::Rejected | State::Paid | State::Failed => false,
        }
    }

    /// The names of the states that `self` may follow.
    pub fn predecessors(self) -> Vec<String> {
        State::ALL
            .iter()
            .filter(|state| state.may_become(self))
            .map(|state| state.name().to_owned())
            .collect()
    }

    /// What happens to the held money when a withdrawal gets here.
    pub const fn movement(self) -> Option<Movement> {
        match self {
            State::Rejected | State::Failed => Some(Movement::Release),
            State::Paid => Some(Movement::Payout),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
