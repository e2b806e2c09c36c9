//! Every query of the room, by theme.

pub(super) mod checks;
pub(super) mod corrections;
pub(super) mod fees;
pub(super) mod house;
pub(super) mod income;
pub(super) mod movements;
pub(super) mod posting_list;
pub(super) mod postings;
pub(super) mod proof;
pub(super) mod search;
pub(super) mod slips;
pub(super) mod wallets;
