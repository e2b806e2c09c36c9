//! Seals the activity of the day that has ended and clears out what the stores no longer need.

use crate::job::{Job, JobContext};
use async_trait::async_trait;
use domain::operations::job_catalogue::{self, DatedJob};
use domain::operations::{self, Cleared};
use domain::overview;
use domain::tracking::{self, DayActivity};
use kernel::Result;
use kernel::clock::BusinessDate;
use serde::Serialize;
use serde_json::Value;

/// What the date saw, and what was cleared away.
#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    activity: DayActivity,
    /// Dates whose figures were kept.
    days_sealed: u64,
    #[serde(flatten)]
    cleared: Cleared,
}

/// The job that the module describes.
pub struct FlushActivity;

#[async_trait]
impl Job for FlushActivity {
    fn listed(&self) -> &'static DatedJob {
        &job_catalogue::FLUSH_ACTIVITY
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> Result<Value> {
        if job.dry_run {
            return Ok(serde_json::json!({ "flushed": "nothing in a dry run" }));
        }
        let done = Done {
            activity: tracking::activity_of(job.context.db.autocommit(), date).await?,
            days_sealed: overview::seal_day(job.context, date).await?,
            cleared: operations::clear_away(job.context).await?,
        };
        Ok(serde_json::to_value(done)?)
    }
}
