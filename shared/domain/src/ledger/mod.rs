//! Double entry: postings, balances, slips, and the check that proves them.
//!
//! A posting has a unique business key and lines that sum to zero. Nothing is updated or deleted: a correction is a new
//! posting that names the one it reverses, or one that an operator books by hand. A user's accounts cannot go below zero; the schema sees to that.
//!
//! Whoever posts locks in this order, so that no two wait for each other:
//!
//! 1. [`fees::MANY_WALLETS_LOCK`], for those who touch many wallets at once: settlement runs, their reversals, the
//!    collection of fees. Nobody else locks a second wallet.
//! 2. Wallets, rows of `accounts`.
//! 3. What the money belongs to (withdrawal, correction), and the posting's business key.
//! 4. The accounts of the house, last: every posting of a kind meets there, so they are held for as short as can be.

pub mod books;
pub mod check;
pub mod correction;
mod correction_repo;
pub(crate) mod entity;
pub mod fees;
pub mod model;
mod movements;
mod of_withdrawal;
mod repo;
pub mod service;
pub mod statement;
mod wallet;

pub use movements::{Movement, MovementKind, list_movements};
pub use of_withdrawal::{MovedEntry, moved_for};
pub use wallet::{open_wallet, wallet_is_untouched};
