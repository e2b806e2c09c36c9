//! Runs of dated jobs: one row per (job, business date), fenced by a lease so that a replica that stalled can't write.

use super::clock::BusinessDate;
use super::db;
use super::error::{Error, Result};
use super::page::{Page, Paged};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How long a claim lasts unless renewed.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// The right to work on one (job, date).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The job's name.
    pub job: String,
    /// The date it works on.
    pub business_date: BusinessDate,
    /// Grows with each claim; older ones write nothing.
    pub token: i64,
}

impl Fence {
    /// Holds the run's row to the end of the caller's transaction, if the claim is still ours.
    ///
    /// # Errors
    /// When somebody else claimed it meanwhile: give up and roll back.
    pub async fn hold(&self, conn: &impl ConnectionTrait) -> Result<()> {
        let sql = "UPDATE job_runs SET attempts = attempts WHERE job = $1 AND business_date = $2 AND fence = $3 AND state = 'running'";
        self.own(
            db::execute(
                conn,
                sql,
                [
                    self.job.clone().into(),
                    self.business_date.into(),
                    self.token.into(),
                ],
            )
            .await?,
        )
    }

    /// Prolongs the claim.
    ///
    /// # Errors
    /// As [`Fence::hold`].
    pub async fn renew(&self, conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE job_runs SET lease_until = $4 WHERE job = $1 AND business_date = $2 AND fence = $3 AND state = 'running'";
        let values = [
            self.job.clone().into(),
            self.business_date.into(),
            self.token.into(),
            (now + LEASE).into(),
        ];
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
        let sql = "UPDATE job_runs SET state = 'done', result = $4, error = NULL, finished_at = $5, lease_until = NULL
                   WHERE job = $1 AND business_date = $2 AND fence = $3 AND state = 'running'";
        let values = [
            self.job.clone().into(),
            self.business_date.into(),
            self.token.into(),
            result.into(),
            now.into(),
        ];
        self.own(db::execute(conn, sql, values).await?)
    }

    /// The job failed; it is due again after a while.
    ///
    /// # Errors
    /// What PostgreSQL says; a lost claim is no error here.
    pub async fn fail(&self, conn: &impl ConnectionTrait, error: &str, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE job_runs SET state = 'failed', error = $4, finished_at = $5,
                          lease_until = $5 + make_interval(secs => least(15 * 2 ^ least(attempts, 8), 900))
                   WHERE job = $1 AND business_date = $2 AND fence = $3 AND state = 'running'";
        let values = [
            self.job.clone().into(),
            self.business_date.into(),
            self.token.into(),
            error.into(),
            now.into(),
        ];
        db::execute(conn, sql, values).await.map(|_| ())
    }

    fn own(&self, rows: u64) -> Result<()> {
        if rows == 1 {
            return Ok(());
        }
        Err(Error::internal(format!(
            "lost the claim on {} of {}",
            self.job, self.business_date
        )))
    }
}

/// Makes the dates from the day after the newest known one to `last` due. A job never seen before starts with `last`.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_due(
    conn: &impl ConnectionTrait,
    job: &str,
    last: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "INSERT INTO job_runs (job, business_date, state, created_at)
               SELECT $1, day::date, 'due', $3
               FROM generate_series(coalesce((SELECT max(business_date) + 1 FROM job_runs WHERE job = $1), $2::date), $2::date, interval '1 day') AS day
               ON CONFLICT (job, business_date) DO NOTHING";
    db::execute(conn, sql, [job.into(), last.into(), now.into()]).await
}

/// Claims the oldest open date of a job, if nobody works on one: a date waits for those before it.
///
/// # Errors
/// What PostgreSQL says.
pub async fn claim_oldest(
    conn: &impl ConnectionTrait,
    job: &str,
    now: DateTime<Utc>,
) -> Result<Option<Fence>> {
    let sql = "UPDATE job_runs SET state = 'running', fence = fence + 1, attempts = attempts + 1, lease_until = $3, started_at = $2
               WHERE (job, business_date) = (
                   SELECT job, business_date FROM (
                       SELECT job, business_date, lease_until FROM job_runs
                       WHERE job = $1 AND state IN ('due', 'running', 'failed') ORDER BY business_date LIMIT 1) AS oldest
                   WHERE lease_until IS NULL OR lease_until < $2)
                 AND state IN ('due', 'running', 'failed') AND (lease_until IS NULL OR lease_until < $2)
               RETURNING business_date, fence";
    fence(conn, job, sql, vec![job.into(), now.into(), (now + LEASE).into()]).await
}

/// Claims one date by hand, also one that is done or was never due.
///
/// # Errors
/// 1409 while somebody works on it.
pub async fn claim(
    conn: &impl ConnectionTrait,
    job: &str,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Result<Fence> {
    let sql = "INSERT INTO job_runs AS r (job, business_date, state, fence, attempts, lease_until, created_at, started_at)
               VALUES ($1, $2, 'running', 1, 1, $4, $3, $3)
               ON CONFLICT (job, business_date) DO UPDATE
               SET state = 'running', fence = r.fence + 1, attempts = r.attempts + 1, lease_until = $4, started_at = $3
               WHERE r.state <> 'running' OR r.lease_until < $3
               RETURNING business_date, fence";
    fence(
        conn,
        job,
        sql,
        vec![job.into(), date.into(), now.into(), (now + LEASE).into()],
    )
    .await?
    .ok_or_else(|| {
        Error::new(
            super::code::Code::DuplicateRequest,
            format!("{job} of {date} is running"),
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
        fence: i64,
    }
    let claimed: Option<Claimed> = db::fetch_optional(conn, sql, values).await?;
    Ok(claimed.map(|claimed| Fence {
        job: job.to_owned(),
        business_date: claimed.business_date,
        token: claimed.fence,
    }))
}

/// A run, for people.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct JobRun {
    pub job: String,
    pub business_date: BusinessDate,
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
    let job: Option<String> = job.map(str::to_owned);
    let count = "SELECT count(*) FROM job_runs WHERE $1::text IS NULL OR job = $1";
    let total: i64 = db::fetch_scalar(conn, count, [job.clone().into()])
        .await?
        .unwrap_or(0);
    let sql =
        "SELECT job, business_date, state, attempts, result, error, started_at, finished_at FROM job_runs
               WHERE $1::text IS NULL OR job = $1 ORDER BY business_date DESC, job LIMIT $2 OFFSET $3";
    let rows = db::fetch_all(conn, sql, [job.into(), page.limit().into(), page.offset().into()]).await?;
    Ok(Paged {
        rows,
        info: page.info(total as u64),
    })
}

/// The newest run of each job.
///
/// # Errors
/// What PostgreSQL says.
pub async fn newest(conn: &impl ConnectionTrait) -> Result<Vec<JobRun>> {
    let sql =
        "SELECT DISTINCT ON (job) job, business_date, state, attempts, result, error, started_at, finished_at
               FROM job_runs ORDER BY job, business_date DESC";
    db::fetch_all(conn, sql, []).await
}

/// Makes one date due, also when it was done before.
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
               ON CONFLICT (job, business_date) DO UPDATE SET state = 'due', lease_until = NULL WHERE r.state = 'done'";
    db::execute(conn, sql, [job.into(), date.into(), now.into()]).await
}

/// Whether the job is done for this date.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_done(conn: &impl ConnectionTrait, job: &str, date: BusinessDate) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM job_runs WHERE job = $1 AND business_date = $2 AND state = 'done')";
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

/// Makes one date due that was not, and skips open dates before it.
///
/// # Errors
/// What PostgreSQL says.
pub async fn make_newest_due(
    conn: &impl ConnectionTrait,
    job: &str,
    newest: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "WITH skipped AS (
                   UPDATE job_runs SET state = 'skipped', finished_at = $3
                   WHERE job = $1 AND business_date < $2 AND state IN ('due', 'failed'))
               INSERT INTO job_runs (job, business_date, state, created_at) VALUES ($1, $2, 'due', $3)
               ON CONFLICT (job, business_date) DO NOTHING";
    db::execute(conn, sql, [job.into(), newest.into(), now.into()]).await
}
