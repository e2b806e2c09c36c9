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
use domain::identity::Permission;
use domain::operations::job_requests::{self, JobRequest, NewRequest, RequestColumn, RequestFilter};
use domain::operations::{self, JobRun, JobRunColumn, JobRunFilter, JobState};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::JobRequestId;
use kernel::job_run::RunState;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

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

#[OpenApi(prefix_path = "/api/console/jobs", tag = "Area::Jobs")]
impl JobsApi {
    /// The newest run of each job that ever ran, and the dates it missed
    ///
    /// Jobs that never ran are missing.
    #[oai(path = "/", method = "get", operation_id = "listNewestJobRuns")]
    async fn newest(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<JobState>> {
        operator.must(Permission::Read)?;
        answer(operations::newest_of_jobs(app.context()).await?)
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
        paged(operations::job_runs(app.context(), filter, page.0).await?)
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
        let new = NewRequest {
            job: name.0.0,
            business_date: body.0.date,
            dry_run: body.0.dry_run,
            allow_open_day: body.0.allow_open_day,
        };
        answer(job_requests::ask(app.context(), operator.id, new).await?)
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
        paged(job_requests::list(app.context(), filter, page.0).await?)
    }

    /// How a request went
    ///
    /// State, result and error; ask again while it is not done or failed.
    #[oai(path = "/requests/:id", method = "get", operation_id = "getJobRequest")]
    async fn request(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The request's id.
        id: Path<JobRequestId>,
    ) -> Answer<JobRequest, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(job_requests::by_id(app.context(), id.0).await?)
    }
}
