//! The daily settlement of groups and ads.
//!
//! A run is (kind, settle date, batch) and happens once. It has few distinct inputs; the pure functions of `model`
//! compute their shares once, SQL joins them to the groups, sums and floors. Explanation and replay call the same
//! functions. Lines, remainders, slips, postings, balances, counters and the run commit together.
//!
//! Three names lead deeper, because what is in them is about another thing than runs: [`ads`] (batches of revenue),
//! [`rates`] and [`template`] (what operators enter by version).

pub mod ads;
mod announce;
mod audit;
mod carry_out;
pub(crate) mod entity;
mod explain;
mod group_detail;
mod model;
mod outlook;
pub mod rates;
mod replay;
mod repo;
mod reverse_run;
mod run_detail;
mod run_postings;
mod settle;
pub mod template;
mod user_groups;

pub use audit::{audit, audit_on_demand};
pub use explain::{Explanation, ExplanationLine, LineRole, explain};
pub use group_detail::{GroupDetail, get_group};
pub use model::{Basis, RunKind, RunSummary, Shares, shares};
pub use outlook::Outlook;
pub use replay::{RunReplay, differences, replay};
pub use repo::earnings::{Earned, GroupDay, GroupLine};
pub use repo::explanations::RemainderMovement;
pub use repo::income::income_of_runs;
pub use repo::reversal::{KeptReversal, ShortWallet, StillShort};
pub use repo::run_rows::{LineFilter, RunLine, RunRates, RunSlip};
pub use repo::runs::{RunColumn, RunFilter, is_done, runs};
pub use repo::search::{search_batches, search_runs};
pub use reverse_run::{ReversalOrder, RunReversal, reverse_run};
pub use run_detail::{RunDetail, RunTotal, SettlementState, get_run, list_run_lines, list_run_slips};
pub use run_postings::list_postings;
pub use settle::{Options, RunOutcome, settle};
pub use user_groups::{GroupIncome, get_group_of_user, list_groups_of_user};
