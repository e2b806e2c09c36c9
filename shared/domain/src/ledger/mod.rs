//! Double entry: postings, balances, slips, and the check that proves them.
//!
//! A posting has a unique business key and lines that sum to zero. Nothing is updated or deleted: a correction is a new
//! posting that names the one it reverses, or one that an operator books by hand. A user's accounts cannot go below zero; the schema sees to that.
//!
//! Whoever posts locks in this order, so that no two wait for each other:
//!
//! 1. [`kernel::db::lock::Lock::ManyWallets`], for those who touch many wallets at once: settlement runs, their
//!    reversals, the collection of fees. Nobody else locks a second wallet.
//! 2. Wallets, rows of `accounts`.
//! 3. What the money belongs to (withdrawal, correction), and the posting's business key.
//! 4. The accounts of the house, last: every posting of a kind meets there, so they are held for as short as can be.

pub mod check;
mod collect_fees;
mod correct;
pub(crate) mod entity;
mod model;
mod movements;
mod post;
mod posting_detail;
mod repo;
mod reverse;
pub mod statement;

pub use collect_fees::collect_fees;
pub use correct::{CorrectionDecision, correction, decide_correction, propose_correction};
pub use model::{
    Account, AmountType, Direction, HouseAccount, LARGEST_WALLET, Origin, Posting, PostingKind, Wallet,
};
pub use movements::{Movement, MovementKind, list_movements};
pub use post::{post, post_payout};
pub use posting_detail::{PostingDetail, get_posting};
pub use repo::checks::{KeptCheck, kept_check, kept_checks};
pub use repo::corrections::{
    Correction, CorrectionColumn, CorrectionFilter, CorrectionState, NewCorrection, WaitingCorrections,
    corrections, waiting_corrections,
};
pub use repo::house::{AccountBalance, accounts};
pub use repo::income::{DayIncome, income_of_no_run};
pub use repo::posting_list::{LineEntry, PostingColumn, PostingEntry, PostingFilter, postings};
pub use repo::postings::{MovedEntry, moved_for};
pub use repo::search::search;
pub use repo::slips::PostingSlip;
pub use repo::wallets::{lock_wallet, open_wallet, wallet, wallet_is_untouched};
pub use reverse::reverse;
