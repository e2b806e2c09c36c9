//! The dated jobs, one file each.

pub mod check_ledger;
pub mod clean_groups;
pub mod clean_groups_plan;
pub mod collect_fees;
pub mod distribute_robots;
pub mod flush_activity;
pub mod reconcile_groups;
pub mod reconcile_payouts;
pub mod settle_ads;
pub mod settle_groups;
pub mod sync_robots;
