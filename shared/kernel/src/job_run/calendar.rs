//! What a job owes: its calendar minus what has been done. A run by hand takes one slot off and leaves all others.
//!
//! A calendar begins when the job is first seen, by the clock or by hand, and never owes more than [`HORIZON_DAYS`]. Whatever stands in
//! `job_runs` for a slot that has not come, from a clock that was ahead or an older version, does not count.

use super::slot::Slot;
use crate::clock::BusinessDate;
use crate::db;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// How many days before the newest slot are still made up. What was missed earlier than that is run by hand.
pub const HORIZON_DAYS: u64 = 366;
/// Missed dates named per job.
pub const NAMED: i64 = 31;

/// Slots of the calendar of `asked` (job, from_date, last_date, last_slot) that have no run.
const WITHOUT_RUN: &str = "
    SELECT asked.job, day::date AS business_date, slot::smallint AS slot
    FROM asked JOIN job_calendars AS calendar USING (job),
         generate_series(greatest(calendar.first_date, asked.from_date)::timestamp, asked.last_date::timestamp, '1 day') AS day,
         generate_series(1, calendar.slots) AS slot
    WHERE (day::date, slot) BETWEEN (calendar.first_date, calendar.first_slot) AND (asked.last_date, asked.last_slot)
      AND NOT EXISTS (SELECT FROM job_runs AS run
                      WHERE run.job = asked.job AND run.business_date = day::date AND run.slot = slot.slot)";

fn place(job: &str, last: Slot) -> Vec<Value> {
    vec![job.into(), last.date.into(), last.number.into()]
}

/// Makes every slot of the job's calendar up to `last` due that has no run. `slots` is how many a day has. A job never
/// seen before begins with `last`.
pub async fn make_due(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    slots: i16,
    now: DateTime<Utc>,
) -> Result<u64> {
    // First by the calendar as it was, so that nothing is lost when it begins anew.
    let due = make_missing_due(conn, job, last, now).await?;
    if !begin_calendar(conn, job, last, slots, now).await? {
        return Ok(due);
    }
    Ok(due + make_missing_due(conn, job, last, now).await?)
}

/// The same without beginning a calendar.
pub async fn make_missing_due(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = format!(
        "WITH asked AS (SELECT $1::text AS job, $4::date AS from_date, $2::date AS last_date, $3::smallint AS last_slot)
         INSERT INTO job_runs (job, business_date, slot, state, created_at)
         SELECT job, business_date, slot, 'due', $5 FROM ({WITHOUT_RUN}) AS missing
         ON CONFLICT DO NOTHING"
    );
    let mut values = place(job, last);
    values.extend([last.date.minus_days(HORIZON_DAYS).into(), now.into()]);
    db::execute(conn, &sql, values).await
}

/// Begins the calendar of a job that has none, or one that lies wholly ahead, left by a clock that was; begins it anew at
/// `last` when the day has got another number of slots. Tells whether it did.
///
/// Runs of the time before there were calendars tell where one began: with the oldest that was written down within a week
/// of its date.
pub async fn begin_calendar(
    conn: &impl ConnectionTrait,
    job: &str,
    last: Slot,
    slots: i16,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO job_calendars AS calendar (job, first_date, first_slot, slots, created_at)
               SELECT $1, business_date, slot, $4, $5 FROM (
                   SELECT business_date, slot FROM job_runs
                   WHERE job = $1 AND slot = $4 AND (business_date, slot) <= ($2, $3)
                     AND created_at AT TIME ZONE 'Asia/Shanghai' BETWEEN business_date AND business_date + 8
                     AND NOT EXISTS (SELECT FROM job_calendars WHERE job = $1)
                   UNION ALL SELECT $2, $3
                   ORDER BY business_date, slot LIMIT 1) AS first
               WHERE NOT EXISTS (SELECT FROM job_calendars
                                 WHERE job = $1 AND slots = $4 AND (first_date, first_slot) <= ($2, $3))
               ON CONFLICT (job) DO UPDATE
               SET first_date = excluded.first_date, first_slot = excluded.first_slot, slots = excluded.slots
               WHERE calendar.slots <> excluded.slots OR (calendar.first_date, calendar.first_slot) > ($2, $3)";
    let mut values = place(job, last);
    values.extend([slots.into(), now.into()]);
    Ok(db::execute(conn, sql, values).await? > 0)
}

/// Makes `newest` due if it has no run, and skips what is open before it.
pub async fn make_newest_due(
    conn: &impl ConnectionTrait,
    job: &str,
    newest: Slot,
    slots: i16,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql =
        "UPDATE job_runs SET state = 'skipped', state_before = NULL, finished_at = $4, lease_until = NULL
               WHERE job = $1 AND (business_date, slot) < ($2, $3)
                 AND (state IN ('due', 'failed') OR state = 'running' AND lease_until < $4)";
    let mut values = place(job, newest);
    values.push(now.into());
    db::execute(conn, sql, values.clone()).await?;
    begin_calendar(conn, job, newest, slots, now).await?;
    let sql =
        "INSERT INTO job_runs (job, business_date, slot, state, created_at) VALUES ($1, $2, $3, 'due', $4)
               ON CONFLICT (job, business_date, slot) DO NOTHING";
    db::execute(conn, sql, values).await
}

/// Puts back in line what is said to be over beyond `last`: a slot that has not come cannot have been done.
pub async fn reopen_beyond(conn: &impl ConnectionTrait, job: &str, last: Slot) -> Result<u64> {
    let sql = "UPDATE job_runs SET state = 'due', state_before = NULL, lease_until = NULL
               WHERE job = $1 AND (business_date, slot) > ($2, $3) AND state IN ('done', 'failed', 'skipped')";
    db::execute(conn, sql, place(job, last)).await
}

/// A job whose missed dates are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    /// Its name.
    pub job: &'static str,
    /// The newest slot whose time has come.
    pub last: Slot,
    /// Owes no slot before that one.
    pub newest_only: bool,
}

/// A date whose time has come without being done, and how many of them its job has.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[allow(missing_docs)]
pub struct Missed {
    pub job: String,
    pub business_date: BusinessDate,
    /// All of the job's, also those that are not named.
    pub total: i64,
}

/// The dates of these jobs whose time has come and that nobody has done or is at work on; of each job the oldest
/// [`NAMED`], oldest first.
pub async fn missed(
    conn: &impl ConnectionTrait,
    jobs: &[Watched],
    now: DateTime<Utc>,
) -> Result<Vec<Missed>> {
    let sql = format!(
        "WITH asked AS (
             SELECT * FROM unnest($1::text[], $2::date[], $3::date[], $4::smallint[]) AS asked (job, from_date, last_date, last_slot)),
         missed AS (
             SELECT run.job, run.business_date FROM job_runs AS run JOIN asked USING (job)
             WHERE run.state IN ('due', 'running', 'failed') AND (run.state <> 'running' OR run.lease_until < $5)
               AND (run.business_date, run.slot) <= (asked.last_date, asked.last_slot)
             UNION SELECT job, business_date FROM ({WITHOUT_RUN}) AS missing)
         SELECT job, business_date, total FROM (
             SELECT job, business_date, count(*) OVER (PARTITION BY job) AS total,
                    row_number() OVER (PARTITION BY job ORDER BY business_date) AS place
             FROM missed) AS counted
         WHERE place <= $6 ORDER BY job, business_date"
    );
    let from = |watched: &Watched| match watched.newest_only {
        true => watched.last.date,
        false => watched.last.date.minus_days(HORIZON_DAYS),
    };
    let names: Vec<String> = jobs.iter().map(|watched| watched.job.to_owned()).collect();
    let froms: Vec<chrono::NaiveDate> = jobs.iter().map(|watched| from(watched).date()).collect();
    let lasts: Vec<chrono::NaiveDate> = jobs.iter().map(|watched| watched.last.date.date()).collect();
    let slots: Vec<i16> = jobs.iter().map(|watched| watched.last.number).collect();
    let values = [
        names.into(),
        froms.into(),
        lasts.into(),
        slots.into(),
        now.into(),
        NAMED.into(),
    ];
    db::fetch_all(conn, &sql, values).await
}
