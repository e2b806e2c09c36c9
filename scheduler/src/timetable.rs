//! The jobs with their last and next run, as a table for people.

use crate::job::next_at;
use crate::{registry, workers};
use chrono::{DateTime, Utc};
use kernel::clock::SHANGHAI;
use kernel::job_run;
use kernel::{Context, Result};
use std::fmt::Write;

/// One line a job, in the order of a day; times as a clock in Shanghai shows them.
///
/// # Errors
/// When PostgreSQL is away.
pub async fn timetable(context: &Context) -> Result<String> {
    let newest = job_run::newest(context.db.read()).await?;
    let now = context.clock.shared_now(context.db.read()).await?;
    let mut table = line("job", "last date", "state", "ended", "next run");
    for job in registry::JOBS {
        let next = next_at(job.times(&context.config.jobs), now)
            .map(shown)
            .unwrap_or_default();
        table += &match newest.iter().find(|run| run.job == job.name()) {
            Some(run) => {
                let ended = run.finished_at.map(shown).unwrap_or_default();
                line(
                    job.name(),
                    &run.business_date.to_string(),
                    &run.state,
                    &ended,
                    &next,
                )
            }
            None => line(job.name(), "-", "never", "-", &next),
        };
    }
    // Writing to a string cannot fail.
    let _ = writeln!(table, "\nworkers, always on: {}", workers::NAMES.join(", "));
    Ok(table)
}

fn line(job: &str, date: &str, state: &str, ended: &str, next: &str) -> String {
    format!("{job:<20}{date:<12}{state:<9}{ended:<18}{next}\n")
}

fn shown(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&SHANGHAI)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}
