//! What a withdrawal is, without I/O: its states, what a partner's answer teaches, what a pass of payouts did.

mod decision;
mod pass;
mod reviewed;
mod state;
#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
mod transition;

pub use decision::Decision;
pub use pass::PaidSummary;
pub use reviewed::Reviewed;
pub use state::{Movement, ShownState, State};
pub(super) use transition::{Transition, queried, query_again_after, submitted};
