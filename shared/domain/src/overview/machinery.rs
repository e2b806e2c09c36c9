//! How the machinery does: messages that wait, jobs that failed.

use crate::operations::{self, JobRun, job_catalogue};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::inbox::{self, Queue as InboxQueue};
use kernel::job_run::{self, RunState};
use kernel::outbox::{self, Queue as OutboxQueue};
use poem_openapi::Object;
use std::collections::HashMap;

/// Messages that wait or did not arrive.
#[derive(Debug, Object)]
pub struct Queues {
    /// Robot events.
    pub inbox: InboxQueue,
    /// Messages to others, by destination.
    pub outbox: Vec<OutboxQueue>,
}

/// A dated job.
#[derive(Debug, Object)]
pub struct JobFigures {
    /// Its name.
    pub job: String,
    /// Its newest run of a date that has come; null where it never ran.
    pub last: Option<LastRun>,
    /// Dates whose time has come and that nobody has done or is at work on.
    pub missed: i64,
    /// The oldest of them.
    pub oldest_missed: Option<BusinessDate>,
}

/// A job's newest run.
#[derive(Debug, Object)]
pub struct LastRun {
    /// The date it was for.
    pub business_date: BusinessDate,
    /// Which of the day's times it was for, from 1.
    pub slot: i16,
    /// How it went.
    pub state: RunState,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed.
    pub error: Option<String>,
    /// When the last try began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl JobFigures {
    /// Whether its newest run failed.
    pub(super) fn failed(&self) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.state == RunState::Failed)
    }
}

impl From<JobRun> for LastRun {
    fn from(run: JobRun) -> Self {
        LastRun {
            business_date: run.business_date,
            slot: run.slot,
            state: run.state,
            attempts: run.attempts,
            error: run.error,
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }
}

/// Messages that wait or did not arrive.
pub(super) async fn queues(context: &Context) -> Result<Queues> {
    let conn = context.db.read();
    Ok(Queues {
        inbox: inbox::queue(conn).await?,
        outbox: outbox::queues(conn).await?,
    })
}

/// Every dated job, in the order of a day.
pub(super) async fn jobs(context: &Context) -> Result<Vec<JobFigures>> {
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let newest = operations::newest_job_runs(conn, BusinessDate::of(now)).await?;
    let mut newest: HashMap<String, JobRun> = newest.into_iter().map(|run| (run.job.clone(), run)).collect();
    let watched = job_catalogue::watched(&context.config.jobs, now);
    let missed = job_run::missed(conn, &watched, now).await?;
    let figures = job_catalogue::DATED.iter().map(|job| {
        let oldest = missed.iter().find(|missed| missed.job == job.name);
        JobFigures {
            job: job.name.to_owned(),
            last: newest.remove(job.name).map(LastRun::from),
            missed: oldest.map_or(0, |missed| missed.total),
            oldest_missed: oldest.map(|missed| missed.business_date),
        }
    });
    Ok(figures.collect())
}
