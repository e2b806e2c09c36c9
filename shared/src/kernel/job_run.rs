//! Runs of dated jobs: one row per (job, business date, slot), fenced by a lease so that a replica that stalled can't
//! write.

use super::clock::BusinessDate;
use super::db;
use super::error::{Error, Result};
use super::listing;
use super::page::{Page, Paged};
use crate::entity::job_run::{Column, Entity};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Value,
};

/// How long a claim lasts unless renewed.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Which run of a job: a business date, and which of the day's times it is for, counted from 1. In order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Slot {
    pub date: BusinessDate,
    pub number: i16,
}

impl Slot {
    /// The first of a date, and the only one for most jobs.
    pub fn first(date: BusinessDate) -> Self {
        Slot { date, number: 1 }
    }
}

/// The right to work on one (job, slot).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The job's name.
    pub job: String,
    /// The date it works on, and which of its times.
    pub slot: Slot,
    /// Grows with each claim; older ones write nothing.
    pub token: i64,
}

impl Fence {
    /// Holds the run's row to the end of the caller's transaction, if the claim is still ours.
    ///
    /// # Errors
    /// When somebody else claimed it meanwhile: give up and roll back.
    pub async fn hold(&self, conn: &impl ConnectionTrait) -> Result<()> {
        let sql = "UPDATE job_runs SET attempts = attempts
                   WHERE job = $1 AND business_date = $2 AND slot = $3 AND fence = $4 AND state = 'running'";
        self.own(db::execute(conn, sql, self.key()).await?)
    }

    /// Prolongs the claim.
    ///
    /// # Errors
    /// As [`Fence::hold`].
    pub async fn renew(&self, conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE job_runs SET lease_until = $5
                   WHERE job = $1 AND business_date = $2 AND slot = $3 AND fence = $4 AND state = 'running'";
        let values = self.key().into_iter().chain([(now + LEASE).into()]);
        self.own(db::execute(conn, sql, values).await?)
    }

    /// The job is done for this date.
    ///
    /// # Errors
    /// As [`Fence::hold`].
    pub async fn finish(
        &self,
        conn: &impl ConnectionTrait,
        result: serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "UPDATE job_runs SET state = 'done', result = $5, error = NULL, finished_at = $6, lease_until = NULL
                   WHERE job = $1 AND business_date = $2 AND slot = $3 AND fence = $4 AND state = 'running'";
        let values = self.key().into_iter().chain([result.into(), now.into()]);
        self.own(db::execute(conn, sql, values).await?)
    }

    /// The job failed; it is due again after a while.
    ///
    /// # Errors
    /// What PostgreSQL says; a lost claim is no error here.
    pub async fn fail(&self, conn: &impl ConnectionTrait, error: &str, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE job_runs SET state = 'failed', error = $5, finished_at = $6,
                          lease_until = $6 + make_interval(secs => least(15 * 2 ^ least(attempts, 8), 900))
                   WHERE job = $1 AND business_date = $2 AND slot = $3 AND fence = $4 AND state = 'running'";
        let values = self.key().into_iter().chain([error.into(), now.into()]);
        db::execute(conn, sql, values).await.map(|_| ())
    }

    fn key(&self) -> [Value; 4] {
        [
            self.job.clone().into(),
            self.slot.date.into(),
            self.slot.number.into(),
            self.token.into(),
        ]
    }

    fn own(&self, rows: u64) -> Result<()> {
        if rows == 1 {
            return Ok(());
        }
        Err(Error::internal(format!(
            "lost the claim on {} of {}",
            self.job, self.slot.date
        )))
    }
}

/// Makes what comes after the newest known slot due, up to `last`, for a job with so many slots a day. A job never seen
/// before starts with `last`.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_due(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    slots: i16,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "INSERT INTO job_runs (job, business_date, slot, state, created_at)
               SELECT $1, day::date, slot, 'due', $5
               FROM (SELECT business_date, slot AS number FROM job_runs WHERE job = $1
                     UNION ALL SELECT $2, $3 - 1 WHERE NOT EXISTS (SELECT FROM job_runs WHERE job = $1)
                     ORDER BY business_date DESC, number DESC LIMIT 1) AS known,
                    generate_series(known.business_date, $2::date, interval '1 day') AS day,
                    generate_series(1, $4) AS slot
               WHERE (day::date, slot) > (known.business_date, known.number) AND (day::date, slot) <= ($2, $3)
               ON CONFLICT DO NOTHING";
    let values = [
        job.into(),
        last.date.into(),
        i32::from(last.number).into(),
        i32::from(slots).into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await
}

/// Claims the oldest open slot of a job, if nobody works on one: a slot waits for those before it.
///
/// # Errors
/// What PostgreSQL says.
pub async fn claim_oldest(
    conn: &impl ConnectionTrait,
    job: &str,
    now: DateTime<Utc>,
) -> Result<Option<Fence>> {
    let sql = "UPDATE job_runs SET state = 'running', fence = fence + 1, attempts = attempts + 1, lease_until = $3, started_at = $2
               WHERE (job, business_date, slot) = (
                   SELECT job, business_date, slot FROM (
                       SELECT job, business_date, slot, lease_until FROM job_runs
                       WHERE job = $1 AND state IN ('due', 'running', 'failed') ORDER BY business_date, slot LIMIT 1) AS oldest
                   WHERE lease_until IS NULL OR lease_until < $2)
                 AND state IN ('due', 'running', 'failed') AND (lease_until IS NULL OR lease_until < $2)
               RETURNING business_date, slot, fence";
    fence(conn, job, sql, vec![job.into(), now.into(), (now + LEASE).into()]).await
}

/// Claims one slot by hand, also one that is done or was never due.
///
/// # Errors
/// 1409 while somebody works on it.
pub async fn claim(conn: &impl ConnectionTrait, job: &str, slot: Slot, now: DateTime<Utc>) -> Result<Fence> {
    let sql = "INSERT INTO job_runs AS r (job, business_date, slot, state, fence, attempts, lease_until, created_at, started_at)
               VALUES ($1, $2, $3, 'running', 1, 1, $5, $4, $4)
               ON CONFLICT (job, business_date, slot) DO UPDATE
               SET state = 'running', fence = r.fence + 1, attempts = r.attempts + 1, lease_until = $5, started_at = $4
               WHERE r.state <> 'running' OR r.lease_until < $4
               RETURNING business_date, slot, fence";
    fence(
        conn,
        job,
        sql,
        vec![
            job.into(),
            slot.date.into(),
            slot.number.into(),
            now.into(),
            (now + LEASE).into(),
        ],
    )
    .await?
    .ok_or_else(|| {
        Error::new(
            super::code::Code::DuplicateRequest,
            format!("{job} of {} is running", slot.date),
        )
    })
}

async fn fence(
    conn: &impl ConnectionTrait,
    job: &str,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Option<Fence>> {
    #[derive(FromQueryResult)]
    struct Claimed {
        business_date: BusinessDate,
        slot: i16,
        fence: i64,
    }
    let claimed: Option<Claimed> = db::fetch_optional(conn, sql, values).await?;
    Ok(claimed.map(|claimed| Fence {
        job: job.to_owned(),
        slot: Slot {
            date: claimed.business_date,
            number: claimed.slot,
        },
        token: claimed.fence,
    }))
}

/// A run, for people.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct JobRun {
    pub job: String,
    pub business_date: BusinessDate,
    /// Which of the day's times, from 1.
    pub slot: i16,
    /// due, running, done, failed or skipped.
    pub state: String,
    pub attempts: i32,
    pub result: Option<serde_json::Value>,
    pub error: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Runs, newest date first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list(conn: &impl ConnectionTrait, job: Option<&str>, page: Page) -> Result<Paged<JobRun>> {
    let found = Entity::find()
        .apply_if(job, |found, job| found.filter(Column::Job.eq(job)))
        .order_by_desc(Column::BusinessDate)
        .order_by_desc(Column::Slot)
        .order_by_asc(Column::Job);
    listing::page(conn, found.into_model(), page).await
}

/// The newest run of each job.
///
/// # Errors
/// What PostgreSQL says.
pub async fn newest(conn: &impl ConnectionTrait) -> Result<Vec<JobRun>> {
    let newest = Entity::find()
        .distinct_on([Column::Job])
        .order_by_asc(Column::Job)
        .order_by_desc(Column::BusinessDate)
        .order_by_desc(Column::Slot);
    Ok(newest.into_model().all(conn).await?)
}

/// Makes the first slot of one date due, also when it was done before.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_due_again(
    conn: &impl ConnectionTrait,
    job: &str,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "INSERT INTO job_runs AS r (job, business_date, state, created_at) VALUES ($1, $2, 'due', $3)
               ON CONFLICT (job, business_date, slot) DO UPDATE SET state = 'due', lease_until = NULL WHERE r.state = 'done'";
    db::execute(conn, sql, [job.into(), date.into(), now.into()]).await
}

/// Whether the job is done for all of this date that was due.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_done(conn: &impl ConnectionTrait, job: &str, date: BusinessDate) -> Result<bool> {
    let sql = "SELECT coalesce(bool_and(state = 'done'), false) FROM job_runs WHERE job = $1 AND business_date = $2";
    Ok(db::fetch_scalar(conn, sql, [job.into(), date.into()])
        .await?
        .unwrap_or(false))
}

/// Whether a job still has to be done for this date or one before it.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_open(conn: &impl ConnectionTrait, job: &str, until: BusinessDate) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM job_runs WHERE job = $1 AND business_date <= $2 AND state IN ('due', 'running', 'failed'))";
    Ok(db::fetch_scalar(conn, sql, [job.into(), until.into()])
        .await?
        .unwrap_or(false))
}

/// Makes one slot due that was not, and skips open ones before it.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_newest_due(
    conn: &impl ConnectionTrait,
    job: &str,
    newest: Slot,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "WITH skipped AS (
                   UPDATE job_runs SET state = 'skipped', finished_at = $4
                   WHERE job = $1 AND (business_date, slot) < ($2, $3) AND state IN ('due', 'failed'))
               INSERT INTO job_runs (job, business_date, slot, state, created_at) VALUES ($1, $2, $3, 'due', $4)
               ON CONFLICT (job, business_date, slot) DO NOTHING";
    let values = [job.into(), newest.date.into(), newest.number.into(), now.into()];
    db::execute(conn, sql, values).await
}
