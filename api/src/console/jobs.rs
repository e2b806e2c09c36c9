//! Dated jobs: how they went, and asking for a run. The scheduler does the running.

use super::Area;
use super::job_name::JobName;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::operations::job_requests::{NewRequest, RequestColumn, RequestFilter, RequestState};
use domain::operations::{self, JobRunColumn, JobRunFilter, job_catalogue, job_requests};
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::config::Profile;
use kernel::id::JobRequestId;
use kernel::job_run::{self, Missed, RunState};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

pub struct JobsApi;

filters! {
    /// Which runs.
    struct JobRunQuery {
        /// Of this job only.
        job: String,
        /// In this state.
        state: RunState,
    }
}

/// A job's run for one business date.
#[derive(Object)]
pub(super) struct JobRun {
    job: String,
    business_date: BusinessDate,
    /// Which of the day's times it was for, from 1.
    slot: i16,
    state: RunState,
    attempts: i32,
    /// What the job returned.
    result: Option<Any<Value>>,
    error: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// A job's newest run, and what it has missed.
#[derive(Object)]
struct JobState {
    #[oai(flatten)]
    newest: JobRun,
    /// Dates whose time has come and that nobody has done or is at work on, oldest first; the first 31.
    missed: Vec<BusinessDate>,
    /// How many there are in all.
    missed_count: i64,
}

#[derive(Object)]
struct JobRunOrder {
    /// The business date; for settlements the settle date. It must have begun, for jobs that close dates ended.
    date: BusinessDate,
    /// Do everything, change nothing. Refused for workers.
    #[oai(default)]
    dry_run: bool,
    /// Let a date that has not ended be settled; never in production.
    #[oai(default)]
    allow_open_day: bool,
}

/// A run that was asked for.
#[derive(Object)]
pub(super) struct JobRequest {
    id: JobRequestId,
    job: String,
    business_date: BusinessDate,
    dry_run: bool,
    allow_open_day: bool,
    /// The operator's name.
    requested_by: String,
    requested_at: DateTime<Utc>,
    state: RequestState,
    /// What the job returned.
    result: Option<Any<Value>>,
    error: Option<String>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<operations::JobRun> for JobRun {
    fn from(run: operations::JobRun) -> Self {
        JobRun {
            job: run.job,
            business_date: run.business_date,
            slot: run.slot,
            state: run.state,
            attempts: run.attempts,
            result: run.result.map(Any),
            error: run.error,
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }
}

impl JobState {
    fn new(run: operations::JobRun, missed: &[Missed]) -> Self {
        let missed: Vec<&Missed> = missed.iter().filter(|missed| missed.job == run.job).collect();
        JobState {
            missed_count: missed.first().map_or(0, |missed| missed.total),
            missed: missed.iter().map(|missed| missed.business_date).collect(),
            newest: run.into(),
        }
    }
}

impl From<job_requests::JobRequest> for JobRequest {
    fn from(request: job_requests::JobRequest) -> Self {
        JobRequest {
            id: request.id,
            job: request.job,
            business_date: request.business_date,
            dry_run: request.dry_run,
            allow_open_day: request.allow_open_day,
            requested_by: request.requested_by,
            requested_at: request.requested_at,
            state: request.state,
            result: request.result.map(Any),
            error: request.error,
            finished_at: request.finished_at,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/jobs", tag = "Area::Jobs")]
impl JobsApi {
    /// The newest run of each job that ever ran, and the dates it missed
    ///
    /// Jobs that never ran are missing.
    #[oai(path = "/", method = "get", operation_id = "listNewestJobRuns")]
    async fn newest(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<JobState>> {
        operator.must(Permission::Read)?;
        let conn = app.db.read();
        let now = app.clock.shared_now(conn).await?;
        let runs = operations::newest_job_runs(conn, BusinessDate::of(now)).await?;
        let missed = job_run::missed(conn, &job_catalogue::watched(&app.config.jobs, now), now).await?;
        let states = runs.into_iter().map(|run| JobState::new(run, &missed));
        answer(states.collect::<Vec<_>>())
    }

    /// List runs
    ///
    /// One row a job, business date and time of the day. The dates are the business dates.
    #[oai(path = "/runs", method = "get", operation_id = "listJobRuns")]
    async fn runs(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: JobRunQuery,
        dates: FromTo,
        sort: Sorting<JobRunColumn>,
        page: Paging,
    ) -> PageOf<Vec<JobRun>> {
        operator.must(Permission::Read)?;
        let filter = JobRunFilter {
            job: query.job,
            state: query.state,
            business_date: dates.0,
            sort: sort.0,
        };
        paged(operations::job_runs(app.db.read(), filter, page.0).await?)
    }

    /// Ask for a run
    ///
    /// A scheduler takes it within seconds; the request tells how it went. 1403 names `name` when there is no such job or
    /// worker, `date` when it has not come, `dry_run` for a worker.
    #[oai(path = "/:name/runs", method = "post", operation_id = "requestJobRun")]
    async fn ask(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The name of the job.
        name: Path<JobName>,
        body: Body<JobRunOrder>,
    ) -> Answer<JobRequest> {
        operator.must(Permission::RunJobs)?;
        if body.0.allow_open_day && app.config.profile == Profile::Production {
            return Err(Error::params("allow_open_day", "is never allowed in production").into());
        }
        let new = NewRequest {
            job: name.0.0,
            business_date: body.0.date,
            dry_run: body.0.dry_run,
            allow_open_day: body.0.allow_open_day,
        };
        answer(job_requests::ask(app.context(), operator.id, new).await?.into())
    }

    /// List requests for runs
    ///
    /// Runs that operators asked for. The dates are those they asked on.
    #[oai(path = "/requests", method = "get", operation_id = "listJobRequests")]
    async fn requests(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Of this job only.
        job: Query<Option<String>>,
        requested: FromTo,
        sort: Sorting<RequestColumn>,
        page: Paging,
    ) -> PageOf<Vec<JobRequest>> {
        operator.must(Permission::Read)?;
        let filter = RequestFilter {
            job: job.0,
            requested: requested.0,
            sort: sort.0,
        };
        paged(job_requests::list(app.db.read(), filter, page.0).await?)
    }

    /// How a request went
    ///
    /// State, result and error; ask again while it is not done or failed.
    #[oai(path = "/requests/:id", method = "get", operation_id = "getJobRequest")]
    async fn request(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<JobRequestId>,
    ) -> Answer<JobRequest, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(job_requests::by_id(app.db.read(), id.0).await?.into())
    }
}
