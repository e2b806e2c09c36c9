//! Business days of robots: opened by a job, shown to operators.

use super::mirror;
use super::model::DayCounters;
use super::repo::capacity;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;

/// Every robot's counters on a day; today is opened first, so that none is missing.
pub async fn capacity_of(context: &Context, day: BusinessDate) -> Result<Vec<DayCounters>> {
    if day == context.clock.today() {
        capacity::open_day(context.db.autocommit(), context, day).await?;
    }
    capacity::list(context.db.read(), day).await
}

/// The job distribute_robots: opens a day and mirrors it. Tells how many robots got a row.
pub async fn distribute_robots(context: &Context, day: BusinessDate) -> Result<u64> {
    let opened = capacity::open_day(context.db.autocommit(), context, day).await?;
    mirror::rebuild(context, day).await;
    Ok(opened)
}
