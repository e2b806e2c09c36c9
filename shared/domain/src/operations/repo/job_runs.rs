//! Runs of dated jobs, for people.

use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::any_json::AnyJson;
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::error::Result;
use kernel::job_run::RunState;
use kernel::job_run::entity::{Column, Entity};
use kernel::listing;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// A job's run for one business date.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct JobRun {
    pub job: String,
    pub business_date: BusinessDate,
    /// Which of the day's times it was for, from 1.
    pub slot: i16,
    pub state: RunState,
    pub attempts: i32,
    /// What the job returned.
    pub result: Option<AnyJson>,
    pub error: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Which runs; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct JobRunFilter {
    /// Of this job.
    pub job: Option<String>,
    /// In this state.
    pub state: Option<RunState>,
    /// For which business dates.
    pub business_date: DateFilter,
    /// In which order.
    pub sort: Sort<JobRunColumn>,
}

kernel::sortable! {
    /// What runs are sorted by.
    pub enum JobRunColumn: descending(BusinessDate), then ["job_runs.slot", "job_runs.job", "job_runs.business_date"] {
        /// Which date it is for.
        BusinessDate = "business_date" => "job_runs.business_date",
        /// When it was begun.
        StartedAt = "started_at" => "job_runs.started_at?",
    }
}

/// Runs.
pub async fn job_runs(context: &Context, filter: JobRunFilter, page: Page) -> Result<Paged<JobRun>> {
    let found = Entity::find()
        .apply_if(filter.job, |found, job| found.filter(Column::Job.eq(job)))
        .apply_if(filter.state, |found, state| found.filter(Column::State.eq(state)))
        .filter(filter.business_date.dates(Column::BusinessDate));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}

/// The newest run of each job, of dates that have come.
pub async fn newest_job_runs(conn: &impl ConnectionTrait, today: BusinessDate) -> Result<Vec<JobRun>> {
    let newest = Entity::find()
        .filter(Column::BusinessDate.lte(today))
        .distinct_on([Column::Job])
        .order_by_asc(Column::Job)
        .order_by_desc(Column::BusinessDate)
        .order_by_desc(Column::Slot);
    Ok(newest.into_model().all(conn).await?)
}
