//! The dated jobs, one file each.

pub mod check_ledger;
pub mod collect_fees;
pub mod distribute_robots;
pub mod reconcile_payouts;
pub mod settle_ads;
pub mod settle_groups;
