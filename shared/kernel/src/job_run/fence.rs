//! Claims: who works on a slot, and for how long nobody else may.

use super::slot::Slot;
use super::state::RunState;
use crate::clock::BusinessDate;
use crate::code::Code;
use crate::db;
use crate::error::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// How long a claim lasts unless renewed.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// The right to work on one (job, slot).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The job's name.
    pub job: String,
    /// The date it works on, and which of its times.
    pub slot: Slot,
    /// Grows with each claim; older ones write nothing.
    pub token: i64,
    /// The slot's time has not come: whatever comes of it, the slot stays due for its time.
    pub early: bool,
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

    /// The job is done for this date, unless the claim was early.
    ///
    /// # Errors
    /// As [`Fence::hold`].
    pub async fn finish(
        &self,
        conn: &impl ConnectionTrait,
        result: serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "UPDATE job_runs SET state = $7, state_before = NULL, result = $5, error = NULL, finished_at = $6, lease_until = NULL
                   WHERE job = $1 AND business_date = $2 AND slot = $3 AND fence = $4 AND state = 'running'";
        let state = if self.early { RunState::Due } else { RunState::Done };
        let values = self
            .key()
            .into_iter()
            .chain([result.into(), now.into(), state.into()]);
        self.own(db::execute(conn, sql, values).await?)
    }

    /// The job failed; it is due again after a while. What was done before a run by hand, or is not owed, is as it was.
    ///
    /// # Errors
    /// A database error; a lost claim is no error here.
    pub async fn fail(&self, conn: &impl ConnectionTrait, error: &str, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE job_runs SET state = coalesce(state_before, 'failed'), state_before = NULL, error = $5, finished_at = $6,
                          lease_until = CASE WHEN state_before IS NULL
                                             THEN $6 + make_interval(secs => least(15 * 2 ^ least(attempts, 8), 900)) END
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

/// Claims the oldest open slot of a job up to `last`, if nobody works on one: a slot waits for those before it.
pub async fn claim_oldest(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    now: DateTime<Utc>,
) -> Result<Option<Fence>> {
    let sql = "UPDATE job_runs SET state = 'running', state_before = CASE state WHEN 'running' THEN state_before END,
                                   fence = fence + 1, attempts = attempts + 1, lease_until = $5, started_at = $4
               WHERE (job, business_date, slot) = (
                   SELECT job, business_date, slot FROM (
                       SELECT job, business_date, slot, lease_until FROM job_runs
                       WHERE job = $1 AND state IN ('due', 'running', 'failed') AND (business_date, slot) <= ($2, $3)
                       ORDER BY business_date, slot LIMIT 1) AS oldest
                   WHERE lease_until IS NULL OR lease_until < $4)
                 AND state IN ('due', 'running', 'failed') AND (lease_until IS NULL OR lease_until < $4)
               RETURNING business_date, slot, fence";
    let values = vec![
        job.into(),
        last.date.into(),
        last.number.into(),
        now.into(),
        (now + LEASE).into(),
    ];
    fence(conn, job, last, sql, values).await
}

/// Claims one slot by hand, also one that is done or was never due. `last` is the newest whose time has come.
///
/// # Errors
/// 1409 while somebody works on it.
pub async fn claim(
    conn: &impl ConnectionTrait,
    job: &str,
    slot: Slot,
    last: Slot,
    now: DateTime<Utc>,
) -> Result<Fence> {
    // A slot from before the job's calendar is nobody's to make up: a failure must not hold up all that come after it.
    let sql = "INSERT INTO job_runs AS r (job, business_date, slot, state, state_before, fence, attempts, lease_until, created_at, started_at)
               VALUES ($1, $2, $3, 'running',
                       CASE WHEN ($2::date, $3::smallint) < ($6::date, $7::smallint)
                             AND NOT EXISTS (SELECT FROM job_calendars WHERE job = $1 AND (first_date, first_slot) <= ($2, $3))
                            THEN 'skipped' END,
                       1, 1, $5, $4, $4)
               ON CONFLICT (job, business_date, slot) DO UPDATE
               SET state = 'running', fence = r.fence + 1, attempts = r.attempts + 1, lease_until = $5, started_at = $4,
                   state_before = CASE WHEN r.state IN ('done', 'skipped') THEN r.state WHEN r.state = 'running' THEN r.state_before END
               WHERE r.state <> 'running' OR r.lease_until < $4
               RETURNING business_date, slot, fence";
    let values = vec![
        job.into(),
        slot.date.into(),
        slot.number.into(),
        now.into(),
        (now + LEASE).into(),
        last.date.into(),
        last.number.into(),
    ];
    fence(conn, job, last, sql, values).await?.ok_or_else(|| {
        Error::new(
            Code::DuplicateRequest,
            format!("{job} of {} is running", slot.date),
        )
    })
}

async fn fence(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<Fence>> {
    #[derive(FromQueryResult)]
    struct ClaimedRun {
        business_date: BusinessDate,
        slot: i16,
        fence: i64,
    }
    let claimed: Option<ClaimedRun> = db::fetch_optional(conn, sql, values).await?;
    Ok(claimed.map(|claimed| {
        let slot = Slot {
            date: claimed.business_date,
            number: claimed.slot,
        };
        Fence {
            job: job.to_owned(),
            early: slot > last,
            slot,
            token: claimed.fence,
        }
    }))
}
