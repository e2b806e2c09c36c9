//! A job or a worker, run once because somebody asked: on the command line or in the console.

use crate::connections::Connections;
use crate::engine::{self, ByHand};
use crate::{registry, workers};
use domain::operations::job_catalogue::{self, WORKERS};
use kernel::clock::BusinessDate;
use kernel::config::Profile;
use kernel::job_run::CoveredDate;
use kernel::{Context, Error, Result};
use serde_json::Value;

/// Runs it to its end and tells what came of it.
///
/// # Errors
/// 1403 for an unknown name, a dated job without its date, a date that has not come, a dry run of a worker, or an open
/// day in production; 1409 while it is running; whatever it fails with.
pub async fn run(
    context: &Context,
    connections: &Connections,
    name: &str,
    date: Option<BusinessDate>,
    options: ByHand,
) -> Result<Value> {
    if options.allow_open_day && context.config.profile == Profile::Production {
        return Err(Error::params("allow_open_day", "is never allowed in production"));
    }
    if WORKERS.contains(&name) {
        job_catalogue::check_worker(name, options.dry_run)?;
        if let Some(date) = date {
            let now = context.clock.shared_now(context.db.read()).await?;
            job_catalogue::check_date(CoveredDate::Today, date, false, BusinessDate::of(now))?;
        }
        return workers::run_by_hand(context, connections, name).await;
    }
    let job = registry::find(name)?;
    let date = date.ok_or_else(|| Error::params("date", "is required for a dated job"))?;
    engine::run_by_hand(context, Some(connections), job, date, options).await
}
