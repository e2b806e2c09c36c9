//! One job: when it runs, how it went, and what it missed.

use super::Area;
use super::job_name::JobName;
use super::jobs::{JobRequest, JobRun};
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::operations::job_catalogue::{self, DatedJob, Owes};
use domain::operations::job_requests::{self, RequestFilter};
use domain::operations::{self, JobRunFilter};
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::job_run::{self, Covers, next_at};
use kernel::page::Page;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};

/// How many runs and requests come with a job.
const NEWEST: u32 = 20;

pub struct JobDetailApi;

/// A job, when it runs, and how it went.
#[derive(Object)]
struct JobDetail {
    job: String,
    /// When it runs; null for a worker, which runs all the time.
    schedule: Option<JobSchedule>,
    /// Its newest twenty runs.
    runs: Vec<JobRun>,
    /// Its newest twenty runs that operators asked for.
    requests: Vec<JobRequest>,
    /// Dates whose time has come and that nobody has done or is at work on, oldest first; the first 31.
    missed: Vec<BusinessDate>,
    /// How many there are in all.
    missed_count: i64,
}

/// When a dated job runs.
#[derive(Object)]
struct JobSchedule {
    /// Times of day in Shanghai, like 02:00.
    times: Vec<String>,
    /// Which business date is due then.
    covers: JobDate,
    /// Which dates it has to do.
    owes: JobDates,
    /// Whether a date is only right after those before it.
    in_order: bool,
    /// When it runs next.
    next_at: Option<DateTime<Utc>>,
    /// The business date it runs for then.
    next_date: Option<BusinessDate>,
}

/// Which business date becomes due at a job's time of day.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum JobDate {
    /// The day that begins.
    Today,
    /// The day that has ended.
    Yesterday,
}

/// Which dates a job has to do.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum JobDates {
    /// Each one.
    Every,
    /// The newest; what was missed before it is skipped.
    Newest,
    /// Those for which something waits.
    OnDemand,
}

impl JobSchedule {
    fn of(job: &DatedJob, app: &AppState, now: DateTime<Utc>) -> Self {
        let times = (job.times)(&app.config.jobs);
        let next = next_at(times, now);
        let next_date = next.map(BusinessDate::of).map(|day| match job.covers {
            Covers::Today => day,
            Covers::Yesterday => day.minus_days(1),
        });
        JobSchedule {
            times: times
                .times()
                .iter()
                .map(|time| time.format("%H:%M").to_string())
                .collect(),
            covers: match job.covers {
                Covers::Today => JobDate::Today,
                Covers::Yesterday => JobDate::Yesterday,
            },
            owes: match job.owes {
                Owes::Every => JobDates::Every,
                Owes::Newest => JobDates::Newest,
                Owes::OnDemand => JobDates::OnDemand,
            },
            in_order: job.in_order,
            next_at: next,
            next_date,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/jobs", tag = "Area::Jobs")]
impl JobDetailApi {
    /// One job
    ///
    /// Its times, its next and its newest runs, and the dates it missed. Workers have no times and no runs by date.
    #[oai(path = "/:name", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The name of the job.
        name: Path<JobName>,
    ) -> Answer<JobDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let dated = job_catalogue::DATED.iter().find(|job| job.name == name.0.0);
        if dated.is_none() && !job_catalogue::WORKERS.contains(&name.0.0.as_str()) {
            return Err(Error::not_found("job").into());
        }
        let conn = app.db.read();
        let now = app.clock.shared_now(conn).await?;
        let mut watched = job_catalogue::watched(&app.config.jobs, now);
        watched.retain(|watched| watched.job == name.0.0);
        let missed = job_run::missed(conn, &watched, now).await?;
        let of_job = JobRunFilter {
            job: Some(name.0.0.clone()),
            ..JobRunFilter::default()
        };
        let for_job = RequestFilter {
            job: Some(name.0.0.clone()),
            ..RequestFilter::default()
        };
        let newest = Page::new(None, Some(NEWEST), NEWEST)?;
        let runs = operations::job_runs(conn, of_job, newest).await?;
        let requests = job_requests::list(conn, for_job, newest).await?;
        answer(JobDetail {
            schedule: dated.map(|job| JobSchedule::of(job, &app, now)),
            runs: runs.rows.into_iter().map(JobRun::from).collect(),
            requests: requests.rows.into_iter().map(JobRequest::from).collect(),
            missed_count: missed.first().map_or(0, |missed| missed.total),
            missed: missed.iter().map(|missed| missed.business_date).collect(),
            job: name.0.0,
        })
    }
}
