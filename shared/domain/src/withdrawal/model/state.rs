//! The state machine of a withdrawal. Pure: what may follow what, and which money moves with it.

kernel::named! {
    /// Where a withdrawal stands.
    pub enum State {
        /// Waits for review.
        Requested = "requested",
        /// Waits to be paid.
        Approved = "approved",
        /// Refused by an operator; the money is back.
        Rejected = "rejected",
        /// A call to the partner is under way.
        Submitting = "submitting",
        /// The partner has it.
        Accepted = "accepted",
        /// The user has to tap.
        WaitUserConfirm = "wait_user_confirm",
        /// Nobody knows what became of the call.
        Unknown = "unknown",
        /// The money has arrived.
        Paid = "paid",
        /// It never will; the money is back.
        Failed = "failed",
    }
}

kernel::numbered! {
    /// Where a withdrawal stands, in the numbers that users and operators know.
    pub enum ShownState: "status" {
        /// Under review.
        UnderReview = 0,
        /// Being paid, or waiting for the user's tap.
        Paying = 1,
        /// Refused by an operator; the money is back.
        Refused = 2,
        /// The money has arrived.
        Paid = 3,
        /// It could not be paid; the money is back.
        Failed = 4,
    }
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
    /// What users and operators see of it.
    pub const fn shown(self) -> ShownState {
        match self {
            State::Requested => ShownState::UnderReview,
            State::Approved
            | State::Submitting
            | State::Accepted
            | State::WaitUserConfirm
            | State::Unknown => ShownState::Paying,
            State::Rejected => ShownState::Refused,
            State::Paid => ShownState::Paid,
            State::Failed => ShownState::Failed,
        }
    }

    /// The states that are shown so.
    pub fn shown_as(shown: ShownState) -> Vec<State> {
        let states = State::ALL.into_iter();
        states.filter(|state| state.shown() == shown).collect()
    }

    /// Whether the money is still held.
    pub const fn is_open(self) -> bool {
        !matches!(self, State::Rejected | State::Paid | State::Failed)
    }

    /// Whether the partner was called and nobody is calling just now: such a withdrawal may be queried.
    pub const fn can_be_queried(self) -> bool {
        matches!(self, State::Accepted | State::WaitUserConfirm | State::Unknown)
    }

    /// The names of the states that may be queried.
    pub fn queried() -> Vec<String> {
        Self::names(State::can_be_queried)
    }

    /// The same as a list for SQL: planners take a partial index only for states they can read.
    pub fn queried_sql() -> String {
        format!("'{}'", Self::queried().join("', '"))
    }

    /// The names of the states in which the money is gone back: they count neither for the month nor for the day.
    pub fn void() -> Vec<String> {
        Self::names(|state| state.movement() == Some(Movement::Release))
    }

    fn names(wanted: impl Fn(State) -> bool) -> Vec<String> {
        let states = State::ALL.into_iter().filter(|state| wanted(*state));
        states.map(|state| state.name().to_owned()).collect()
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
        Self::names(|state| state.may_become(self))
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
