//! The jobs with their last and next run and what they missed, as a table for people.

use chrono::{DateTime, Utc};
use domain::operations;
use domain::operations::job_catalogue::{self, DATED, WORKERS};
use kernel::clock::{BusinessDate, SHANGHAI};
use kernel::job_run::{self, Missed, next_at};
use kernel::{Context, Result};
use std::fmt::Write;

/// Missed dates named in a line.
const SHOWN: usize = 3;

/// One line a job, in the order of a day; times as a clock in Shanghai shows them.
///
/// # Errors
/// When PostgreSQL is away.
pub async fn timetable(context: &Context) -> Result<String> {
    let (conn, jobs) = (context.db.read(), &context.config.jobs);
    let now = context.clock.shared_now(conn).await?;
    let newest = operations::newest_job_runs(conn, BusinessDate::of(now)).await?;
    let missed = job_run::missed(conn, &job_catalogue::watched(jobs, now), now).await?;
    let mut table = line("job", "last date", "state", "ended", "next run", "missed");
    for job in DATED {
        let missed = missed.iter().filter(|missed| missed.job == job.name);
        let next = next_at((job.times)(jobs), now).map(shown).unwrap_or_default();
        let run = newest.iter().find(|run| run.job == job.name);
        table += &line(
            job.name,
            &run.map_or("-".into(), |run| run.business_date.to_string()),
            run.map_or("never", |run| run.state.name()),
            &run.and_then(|run| run.finished_at).map_or("-".into(), shown),
            &next,
            &dates(missed),
        );
    }
    // Writing to a string cannot fail.
    let _ = writeln!(table, "\nworkers, always on: {}", WORKERS.join(", "));
    Ok(table)
}

/// The oldest few, and how many more there are.
fn dates<'a>(mut missed: impl Iterator<Item = &'a Missed>) -> String {
    let Some(first) = missed.next() else {
        return "-".to_owned();
    };
    let mut named = vec![first.business_date.to_string()];
    named.extend(
        missed
            .take(SHOWN - 1)
            .map(|missed| missed.business_date.to_string()),
    );
    let more = first.total - named.len() as i64;
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named.join(" ")
}

fn line(job: &str, date: &str, state: &str, ended: &str, next: &str, missed: &str) -> String {
    format!("{job:<20}{date:<12}{state:<9}{ended:<18}{next:<18}{missed}\n")
}

fn shown(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&SHANGHAI)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}
