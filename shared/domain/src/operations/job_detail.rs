//! Jobs as operators see them: how each went last and what it missed, and one of them with all that is known of it.

use super::job_catalogue::{self, DatedJob, OwedDates};
use super::repo::job_requests::{self, JobRequest, RequestFilter};
use super::repo::job_runs::{self, JobRun, JobRunFilter};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::config::JobsConfig;
use kernel::error::{Error, Result};
use kernel::job_run::{self, CoveredDate, Missed, next_at};
use kernel::page::Page;
use poem_openapi::Object;

/// How many runs and requests come with a job.
const NEWEST: u32 = 20;

/// A job's newest run, and what it has missed.
#[derive(Debug, Object)]
pub struct JobState {
    /// The run.
    #[oai(flatten)]
    pub newest: JobRun,
    /// Dates whose time has come and that nobody has done or is at work on, oldest first; the first 31.
    pub missed: Vec<BusinessDate>,
    /// How many there are in all.
    pub missed_count: i64,
}

/// A job, when it runs, and how it went.
#[derive(Debug, Object)]
pub struct JobDetail {
    /// Its name.
    pub job: String,
    /// When it runs; null for a worker, which runs all the time.
    pub schedule: Option<JobSchedule>,
    /// Its newest twenty runs.
    pub runs: Vec<JobRun>,
    /// Its newest twenty runs that operators asked for.
    pub requests: Vec<JobRequest>,
    /// Dates whose time has come and that nobody has done or is at work on, oldest first; the first 31.
    pub missed: Vec<BusinessDate>,
    /// How many there are in all.
    pub missed_count: i64,
}

/// When a dated job runs.
#[derive(Debug, Object)]
pub struct JobSchedule {
    /// Times of day in Shanghai, like 02:00.
    pub times: Vec<String>,
    /// Which business date is due then.
    pub covers: CoveredDate,
    /// Which dates it has to do.
    pub owes: OwedDates,
    /// Whether a date is only right after those before it.
    pub in_order: bool,
    /// When it runs next.
    pub next_at: Option<DateTime<Utc>>,
    /// The business date it runs for then.
    pub next_date: Option<BusinessDate>,
}

/// The newest run of each job that ever ran, and what the job has missed.
pub async fn newest_of_jobs(context: &Context) -> Result<Vec<JobState>> {
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let runs = job_runs::newest_job_runs(conn, BusinessDate::of(now)).await?;
    let watched = job_catalogue::watched(&context.config.jobs, now);
    let missed = job_run::missed(conn, &watched, now).await?;
    let state = |run: JobRun| {
        let of_job = missed.iter().filter(|missed| missed.job == run.job);
        let (missed, missed_count) = dates(of_job);
        JobState {
            newest: run,
            missed,
            missed_count,
        }
    };
    Ok(runs.into_iter().map(state).collect())
}

/// One job or worker.
///
/// # Errors
/// 1404 when nothing is called so.
pub async fn get_job(context: &Context, name: &str) -> Result<JobDetail> {
    let dated = job_catalogue::DATED.iter().find(|job| job.name == name);
    if dated.is_none() && !job_catalogue::WORKERS.contains(&name) {
        return Err(Error::not_found("job"));
    }
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let mut watched = job_catalogue::watched(&context.config.jobs, now);
    watched.retain(|watched| watched.job == name);
    let missed = job_run::missed(conn, &watched, now).await?;
    let (missed, missed_count) = dates(missed.iter());
    let of_job = JobRunFilter {
        job: Some(name.to_owned()),
        ..JobRunFilter::default()
    };
    let for_job = RequestFilter {
        job: Some(name.to_owned()),
        ..RequestFilter::default()
    };
    let newest = Page::new(None, Some(NEWEST), NEWEST)?;
    Ok(JobDetail {
        job: name.to_owned(),
        schedule: dated.map(|job| JobSchedule::of(job, &context.config.jobs, now)),
        runs: job_runs::job_runs(context, of_job, newest).await?.rows,
        requests: job_requests::list(context, for_job, newest).await?.rows,
        missed,
        missed_count,
    })
}

/// The dates that one job missed, as far as they are named, and how many there are in all.
fn dates<'a>(missed: impl Iterator<Item = &'a Missed>) -> (Vec<BusinessDate>, i64) {
    let mut total = 0;
    let dates = missed.map(|missed| {
        total = missed.total;
        missed.business_date
    });
    (dates.collect(), total)
}

impl JobSchedule {
    fn of(job: &DatedJob, jobs: &JobsConfig, now: DateTime<Utc>) -> Self {
        let times = (job.times)(jobs);
        let next = next_at(times, now);
        let date = |day: BusinessDate| match job.covers {
            CoveredDate::Today => day,
            CoveredDate::Yesterday => day.minus_days(1),
        };
        JobSchedule {
            times: times
                .times()
                .iter()
                .map(|time| time.format("%H:%M").to_string())
                .collect(),
            covers: job.covers,
            owes: job.owes,
            in_order: job.in_order,
            next_at: next,
            next_date: next.map(BusinessDate::of).map(date),
        }
    }
}
