//! Every dated job with its work, in the order of the catalogue.

use crate::job::Job;
use crate::jobs::*;
use domain::operations::job_catalogue;
use kernel::Result;

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
    found.ok_or_else(job_catalogue::unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::operations::job_catalogue::DATED;

    #[test]
    fn every_listed_job_has_its_work() {
        let names = |jobs: &[&str]| jobs.join(" ");
        let listed: Vec<&str> = DATED.iter().map(|job| job.name).collect();
        let registered: Vec<&str> = JOBS.iter().map(|job| job.name()).collect();
        assert_eq!(names(&registered), names(&listed));
        for name in listed {
            assert_eq!(find(name).map(Job::name).ok(), Some(name));
        }
        assert!(find("nonsense").is_err());
    }
}
