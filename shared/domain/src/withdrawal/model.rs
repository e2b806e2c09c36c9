//! What a withdrawal is, without I/O: its states, what a partner's answer teaches, what a pass of payouts did.

mod decision;
mod heard;
mod pass;
mod reviewed;
mod state;
#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;

pub use decision::Decision;
pub(super) use heard::{Lesson, queried, query_again_after, submitted};
pub use pass::PaidSummary;
pub use reviewed::Reviewed;
pub use state::{Movement, ShownState, State};
