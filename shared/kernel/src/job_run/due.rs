//! Which slots are due, and which are done.

use super::Slot;
use crate::clock::BusinessDate;
use crate::db;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

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
