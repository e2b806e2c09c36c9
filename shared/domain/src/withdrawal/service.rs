//! The use cases, by theme: asking, deciding, paying, stopping, looking.

pub use super::listing::{
    ConsoleDetail, ConsoleFilters, ConsoleWithdrawal, ReviewEntry, SortKey, get, get_for_console,
    has_withdrawn, list_for_console, list_for_user,
};
pub use super::notify::notified;
pub use super::paying::{PaidSummary, pay_due};
pub use super::reconciliation::{Difference, DifferenceKind, reconcile_payouts};
pub use super::request::request;
pub use super::review::{Decision, Reviewed, reject_pending_of, review};
pub use super::switch::{PayoutState, pause, payout_state, resume};
pub use super::view::{Confirm, WithdrawalView};
