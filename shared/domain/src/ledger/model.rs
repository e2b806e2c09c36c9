//! Accounts, postings, slips, and what the proof finds.

mod account;
mod check;
mod origin;
mod posting;
mod slip;

pub use account::{Account, HouseAccount, LARGEST_WALLET, Wallet};
pub use check::{Finding, Report};
pub use origin::Origin;
pub use posting::{Posting, PostingKind};
pub use slip::{AmountType, Direction};
