//! Everything that can be asked to run, by name: the dated jobs with their calendars, and the workers. The scheduler adds
//! the work; whoever takes an order asks here first whether it can be carried out.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::error::{Error, Result};
use kernel::job_run::{CoveredDate, Slot, Watched};
use kernel::partitions;

kernel::named! {
    /// Which dates a job owes once their time has come.
    pub enum OwedDates {
        /// Each one, whatever ran before or after it.
        Every = "every",
        /// The newest one; what was missed before it is skipped.
        Newest = "newest",
        /// None by itself: its dates come from what waits to be done.
        OnDemand = "on_demand",
    }
}

/// A dated job, without its work.
#[derive(Debug)]
pub struct DatedJob {
    /// As in `job_runs`, in the console and on the command line.
    pub name: &'static str,
    /// At which times of a day it becomes due, each once.
    pub times: fn(&JobsConfig) -> &DailyTimes,
    /// Which date becomes due then.
    pub covers: CoveredDate,
    /// Which of them have to be done.
    pub owes: OwedDates,
    /// Whether a date is only right after those before it, by hand too.
    pub in_order: bool,
}

impl DatedJob {
    const fn new(name: &'static str, times: fn(&JobsConfig) -> &DailyTimes, covers: CoveredDate) -> Self {
        DatedJob {
            name,
            times,
            covers,
            owes: OwedDates::Every,
            in_order: false,
        }
    }
}

use CoveredDate::{Today, Yesterday};

/// Opens the day.
pub static DISTRIBUTE_ROBOTS: DatedJob =
    DatedJob::new("distribute_robots", |jobs| &jobs.distribute_robots, Today);
/// Looks after robots.
pub static SYNC_ROBOTS: DatedJob = DatedJob::new("sync_robots", |jobs| &jobs.sync_robots, Today);
/// Seals the day's activity.
pub static FLUSH_ACTIVITY: DatedJob = DatedJob::new("flush_activity", |jobs| &jobs.flush_activity, Yesterday);
/// Compares our groups with the gateway's. Two nights asked about within minutes would count as two without the group.
pub static RECONCILE_GROUPS: DatedJob = DatedJob {
    owes: OwedDates::Newest,
    ..DatedJob::new("reconcile_groups", |jobs| &jobs.reconcile_groups, Today)
};
/// Star income. Groups are paid for a number of days, and what is below a fen is carried on to the next.
pub static SETTLE_GROUPS: DatedJob = DatedJob {
    in_order: true,
    ..DatedJob::new("settle_groups", |jobs| &jobs.settle_groups, Yesterday)
};
/// Ad income, batch by batch.
pub static SETTLE_ADS: DatedJob = DatedJob {
    owes: OwedDates::OnDemand,
    ..DatedJob::new("settle_ads", |jobs| &jobs.settle_ads, Yesterday)
};
/// Adoption fees.
pub static COLLECT_FEES: DatedJob = DatedJob::new("collect_fees", |jobs| &jobs.collect_fees, Today);
/// Proves the ledger.
pub static CHECK_LEDGER: DatedJob = DatedJob::new("check_ledger", |jobs| &jobs.check_ledger, Today);
/// Plans the clean-up.
pub static CLEAN_GROUPS_PLAN: DatedJob =
    DatedJob::new("clean_groups_plan", |jobs| &jobs.clean_groups_plan, Today);
/// Carries it out.
pub static CLEAN_GROUPS: DatedJob = DatedJob::new("clean_groups", |jobs| &jobs.clean_groups, Today);
/// Compares our payouts with WeChat Pay's.
pub static RECONCILE_PAYOUTS: DatedJob =
    DatedJob::new("reconcile_payouts", |jobs| &jobs.reconcile_payouts, Yesterday);

/// The dated jobs, in the order of a day.
pub static DATED: &[&DatedJob] = &[
    &DISTRIBUTE_ROBOTS,
    &SYNC_ROBOTS,
    &FLUSH_ACTIVITY,
    &RECONCILE_GROUPS,
    &SETTLE_GROUPS,
    &SETTLE_ADS,
    &COLLECT_FEES,
    &CHECK_LEDGER,
    &CLEAN_GROUPS_PLAN,
    &CLEAN_GROUPS,
    &RECONCILE_PAYOUTS,
];

/// What runs more often than daily. A pass takes what waits, whatever its date, and cannot be dry: it speaks to partners.
pub const WORKERS: [&str; 4] = [
    "pay_withdrawals",
    "report_deliveries",
    "relay_outbox",
    "retry_inbox",
];

/// The dated jobs with the newest slot of each whose time has come, to look for missed dates.
pub fn watched(jobs: &JobsConfig, now: DateTime<Utc>) -> Vec<Watched> {
    let watched = |job: &&'static DatedJob| Watched {
        job: job.name,
        last: Slot::newest_due((job.times)(jobs), job.covers, now),
        newest_only: job.owes == OwedDates::Newest,
    };
    DATED.iter().map(watched).collect()
}

/// Checks what somebody asks to run by hand, before anything is done or written down.
///
/// # Errors
/// 1403 naming `name` where nothing is called so, `dry_run` for a worker, `date` as [`check_date`] does.
pub fn check_order(
    name: &str,
    date: BusinessDate,
    dry_run: bool,
    allow_open_day: bool,
    today: BusinessDate,
) -> Result<()> {
    if let Some(job) = DATED.iter().find(|job| job.name == name) {
        return check_date(job.covers, date, allow_open_day, today);
    }
    check_worker(name, dry_run)?;
    check_date(Today, date, false, today)
}

/// Checks that there is such a worker and that it is not to be dry.
///
/// # Errors
/// 1403 naming `name` or `dry_run`.
pub fn check_worker(name: &str, dry_run: bool) -> Result<()> {
    if !WORKERS.contains(&name) {
        return Err(unknown());
    }
    if dry_run {
        let message = format!("{name} is a worker: its passes speak to partners and cannot be dry");
        return Err(Error::params("dry_run", message));
    }
    Ok(())
}

/// Of all jobs and workers.
pub fn names() -> impl Iterator<Item = &'static str> {
    DATED.iter().map(|job| job.name).chain(WORKERS)
}

/// 1403: nothing is called so.
pub fn unknown() -> Error {
    let known = names().collect::<Vec<_>>().join(", ");
    Error::params(
        "name",
        format!("there is no job or worker of this name; there are {known}"),
    )
}

/// Checks that a date has come: it has begun, or for a job that closes dates, ended; and that its books are at hand.
///
/// # Errors
/// 1403 naming `date`.
pub fn check_date(
    covers: CoveredDate,
    date: BusinessDate,
    allow_open_day: bool,
    today: BusinessDate,
) -> Result<()> {
    let oldest = partitions::oldest_kept(today);
    if date < oldest {
        return Err(Error::params(
            "date",
            format!("{date} is too long ago; the oldest is {oldest}"),
        ));
    }
    match covers == Yesterday && !allow_open_day {
        true => date.check_ended(today),
        false => date.check_begun(today),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn refused(name: &str, date: &str, dry_run: bool, allow_open_day: bool) -> Option<String> {
        let today = "2026-11-21".parse().unwrap();
        check_order(name, date.parse().unwrap(), dry_run, allow_open_day, today)
            .err()
            .map(|error| error.field.unwrap().into_owned())
    }

    #[test]
    fn names_are_unique() {
        let names: HashSet<&str> = DATED.iter().map(|job| job.name).chain(WORKERS).collect();
        assert_eq!(names.len(), DATED.len() + WORKERS.len());
    }

    #[test]
    fn only_dates_that_have_come_can_be_asked_for() {
        let date = Some("date".to_owned());
        assert_eq!(refused("check_ledger", "2026-11-21", false, false), None);
        assert_eq!(refused("check_ledger", "2026-11-22", false, true), date);
        assert_eq!(refused("settle_groups", "2026-11-20", true, false), None);
        assert_eq!(refused("settle_groups", "2026-11-21", true, false), date);
        assert_eq!(refused("settle_groups", "2026-11-21", false, true), None);
        assert_eq!(refused("settle_groups", "2062-01-01", false, true), date);
        assert_eq!(refused("pay_withdrawals", "2062-01-01", false, false), date);
        assert_eq!(refused("pay_withdrawals", "2026-11-21", false, false), None);
    }

    #[test]
    fn books_in_the_archive_are_not_worked_on() {
        for (date, field) in [
            ("2024-11-01", None),
            ("2024-10-31", Some("date")),
            ("0001-01-01", Some("date")),
        ] {
            for name in ["settle_groups", "flush_activity", "pay_withdrawals"] {
                assert_eq!(
                    refused(name, date, false, false).as_deref(),
                    field,
                    "{name} {date}"
                );
            }
        }
    }

    #[test]
    fn workers_are_never_dry_and_names_must_be_known() {
        for worker in WORKERS {
            assert_eq!(
                refused(worker, "2026-11-21", true, false).as_deref(),
                Some("dry_run")
            );
        }
        assert_eq!(
            refused("nonsense", "2026-11-20", false, false).as_deref(),
            Some("name")
        );
    }
}
