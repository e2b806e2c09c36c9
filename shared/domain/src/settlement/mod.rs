//! The daily settlement of groups and ads.
//!
//! A run is (kind, settle date, batch) and happens once. It has few distinct inputs; the pure functions of `model`
//! compute their shares once, SQL joins them to the groups, sums and floors. Explanation and replay call the same
//! functions. Lines, remainders, slips, postings, balances, counters and the run commit together.

pub mod ads;
pub mod audit;
pub mod batches;
pub(crate) mod entity;
pub mod explain;
pub mod model;
mod outlook;
pub mod rates;
pub mod replay;
mod repo;
pub mod reversal;
mod reversal_sql;
mod run;
pub mod service;
mod sql;
mod steps;
pub mod template;

pub use outlook::{Outlook, outlooks};
pub use repo::earnings::{Earned, GroupDay, GroupLine, days_of_group, earned_by_groups, lines_of_group};
