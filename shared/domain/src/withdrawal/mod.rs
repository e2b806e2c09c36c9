//! Withdrawals and their payouts.
//!
//! A request moves the amount from available to held; it leaves held exactly once, to the house's payouts when it was
//! paid or back to available when it was rejected or failed. The merchant bill number and the receiver are fixed with
//! the request, so that every call about a withdrawal is about the same transfer. No partner is called inside a
//! transaction; what nobody knows is queried until somebody does, and only a queried failure gives money back.
//!
//! README.md in this folder has the states, the money that moves with them, and the rules of review and payout.

mod announce;
mod apply;
mod block_user;
mod decide;
mod detail;
mod eligibility;
pub(crate) mod entity;
mod list;
mod model;
mod notify;
mod options;
mod pay;
mod query;
mod reconcile;
mod refusal;
mod repo;
mod request;
mod review;
mod submit;
mod switch;
mod view;

pub use block_user::block_user;
pub use decide::preview;
pub use detail::{ConsoleDetail, DecisionOutlook, ReviewEntry, get_for_console};
pub use list::{
    ConsoleWithdrawal, WithdrawalColumn, WithdrawalFilter, get, has_withdrawn, list_for_console,
    list_for_user,
};
pub use model::{Decision, PaidSummary, Reviewed, ShownState, State};
pub use notify::notified;
pub use options::{AmountOption, Options, options};
pub use pay::pay_due;
pub use reconcile::{Difference, DifferenceKind, reconcile_payouts};
pub use refusal::{RefusalCode, Unpayable};
pub use repo::figures::{
    Alerted, Ended, Open, Requested, ToReview, alerted, ended_by_day, open_by_state, requested_by_day,
    to_review,
};
pub use repo::search::search;
pub use request::request;
pub use review::review;
pub use switch::{PayoutState, pause, payout_state, resume};
pub use view::{Confirm, WithdrawalView};
