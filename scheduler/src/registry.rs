//! Every dated job, in one table.

use crate::job::Job;
use crate::jobs::*;
use kernel::{Error, Result};

/// The jobs, in the order of a day.
pub const JOBS: &[&dyn Job] = &[
    &distribute_robots::DistributeRobots,
    &sync_robots::SyncRobots,
    &flush_activity::FlushActivity,
    &reconcile_groups::ReconcileGroups,
    &settle_groups::SettleGroups,
    &settle_ads::SettleAds,
    &collect_fees::CollectFees,
    &check_ledger::CheckLedger,
    &clean_groups_plan::CleanGroupsPlan,
    &clean_groups::CleanGroups,
    &reconcile_payouts::ReconcilePayouts,
];

/// The job of this name.
///
/// # Errors
/// 1403 naming those that exist.
pub fn find(name: &str) -> Result<&'static dyn Job> {
    let found = JOBS.iter().find(|job| job.name() == name).copied();
    found.ok_or_else(|| {
        let names: Vec<&str> = JOBS.iter().map(|job| job.name()).collect();
        Error::params(
            "job",
            format!("there is no job `{name}`; there are {}", names.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_found() {
        let names: HashSet<&str> = JOBS.iter().map(|job| job.name()).collect();
        assert_eq!(names.len(), JOBS.len());
        for name in names {
            assert_eq!(find(name).map(Job::name).ok(), Some(name));
        }
        assert!(find("nonsense").is_err());
    }
}
