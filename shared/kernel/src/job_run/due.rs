//! Which slots are open, and which are done.

use super::slot::Slot;
use crate::clock::BusinessDate;
use crate::db;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Makes the first slot of one date due, also when it was done before.
pub async fn make_due_again(
    conn: &impl ConnectionTrait,
    job: &str,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "INSERT INTO job_runs AS r (job, business_date, state, created_at) VALUES ($1, $2, 'due', $3)
               ON CONFLICT (job, business_date, slot) DO UPDATE SET state = 'due', lease_until = NULL
               WHERE r.state IN ('done', 'skipped')";
    db::execute(conn, sql, [job.into(), date.into(), now.into()]).await
}

/// The oldest slot before this one that still has to be done.
pub async fn oldest_open_before(conn: &impl ConnectionTrait, job: &str, slot: Slot) -> Result<Option<Slot>> {
    #[derive(FromQueryResult)]
    struct Open {
        business_date: BusinessDate,
        slot: i16,
    }
    let sql = "SELECT business_date, slot FROM job_runs
               WHERE job = $1 AND state IN ('due', 'running', 'failed') AND (business_date, slot) < ($2, $3)
               ORDER BY business_date, slot LIMIT 1";
    let values = [job.into(), slot.date.into(), slot.number.into()];
    let open: Option<Open> = db::fetch_optional(conn, sql, values).await?;
    Ok(open.map(|open| Slot {
        date: open.business_date,
        number: open.slot,
    }))
}

/// Whether the job is done for all of this date that was due.
pub async fn is_done(conn: &impl ConnectionTrait, job: &str, date: BusinessDate) -> Result<bool> {
    let sql = "SELECT coalesce(bool_and(state = 'done'), false) FROM job_runs WHERE job = $1 AND business_date = $2";
    Ok(db::fetch_scalar(conn, sql, [job.into(), date.into()])
        .await?
        .unwrap_or(false))
}

/// Whether a job still has to be done for this date or one before it.
pub async fn is_open(conn: &impl ConnectionTrait, job: &str, until: BusinessDate) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM job_runs WHERE job = $1 AND business_date <= $2 AND state IN ('due', 'running', 'failed'))";
    Ok(db::fetch_scalar(conn, sql, [job.into(), until.into()])
        .await?
        .unwrap_or(false))
}
