//! The night: the date that has ended is settled, by a scheduler that is killed at it.

use super::deployment::Deployment;
use super::schedule::Victim;
use super::strike::{OUTAGE, Struck, until};
use crate::fixture;
use anyhow::Result;
use chrono::{NaiveTime, TimeDelta};
use kernel::clock::BusinessDate;
use kernel::db;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use sea_orm::DatabaseTransaction;
use std::time::Duration;
use tokio::time::sleep;

/// The batches of ads: only their rows are locked, so that the groups come through and the ads stop.
const BATCHES: &str = "ad_batches";
/// Tables that only settlements write at night. Who locks one stops a settlement there.
const POINTS: [&str; 10] = [
    BATCHES,
    "settlement_runs",
    "settlement_inputs",
    "settlement_lines",
    "settlement_importers",
    "settlement_movements",
    "ledger_postings",
    "ledger_lines",
    "slips",
    "accounts",
];
/// A settlement that is under way and waits for a lock.
const STOPPED: &str = "SELECT job || ' of ' || business_date FROM job_runs
    WHERE job IN ('settle_groups', 'settle_ads') AND state = 'running'
      AND EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
/// One that is under way.
const RUNNING: &str = "SELECT job || ' of ' || business_date FROM job_runs
    WHERE job IN ('settle_groups', 'settle_ads') AND state = 'running'";
/// Those that are through.
const DONE: &str = "SELECT job FROM job_runs WHERE job IN ('settle_groups', 'settle_ads') AND state = 'done'";

impl Deployment<'_> {
    /// The night after `date`, with kills; until all its jobs are done.
    ///
    /// # Errors
    /// When something does not come back, or a job is not done.
    pub async fn night(
        &mut self,
        date: BusinessDate,
        victims: &[Victim],
        chance: &mut StdRng,
        told: &mut impl FnMut(Struck),
    ) -> Result<()> {
        self.stop().await?;
        let jobs = TimeDelta::hours(3) + TimeDelta::minutes(5);
        self.time.skip_to(date.plus_days(1).at(NaiveTime::MIN + jobs));
        self.start_api().await?;
        for victim in victims {
            let at = POINTS
                .choose(chance)
                .copied()
                .filter(|_| chance.random_bool(0.75));
            told(self.strike_settlement(*victim, at, date, chance).await?);
            self.time.skip(OUTAGE);
        }
        self.start_scheduler().await?;
        self.settled(date).await?;
        self.rest().await
    }

    async fn strike_settlement(
        &mut self,
        victim: Victim,
        at: Option<&'static str>,
        date: BusinessDate,
        chance: &mut StdRng,
    ) -> Result<Struck> {
        let lock = match at {
            Some(table) => Some(self.lock(table).await?),
            None => None,
        };
        self.start_scheduler().await?;
        let sql = if at.is_some() { STOPPED } else { RUNNING };
        let done = format!("{DONE} AND business_date = '{date}'");
        until(async || !self.look(sql).await.is_empty() || self.look(&done).await.len() == 2).await;
        if at.is_none() {
            sleep(Duration::from_micros(chance.random_range(0..60_000))).await;
        }
        let job = self.look(sql).await;
        match victim {
            Victim::PostgresInSettlement => {
                self.strike_postgres().await?;
                drop(lock);
                self.must_live()?;
                self.scheduler.stop().await?;
            }
            _ => {
                self.scheduler.kill9();
                if let Some(lock) = lock {
                    lock.rollback().await?;
                }
            }
        }
        let place = at.map_or("at any moment".to_owned(), |table| format!("at {table}"));
        let what = match job.is_empty() {
            true => format!("{place}: nothing under way"),
            false => format!("{} {place}", job.concat()),
        };
        Ok(Struck {
            victim,
            inside: !job.is_empty(),
            what,
        })
    }

    async fn lock(&self, table: &str) -> Result<DatabaseTransaction> {
        let lock = self.context.db.begin().await?;
        let sql = match table {
            BATCHES => "SELECT FROM ad_batches FOR UPDATE".to_owned(),
            _ => format!("LOCK TABLE {table} IN EXCLUSIVE MODE"),
        };
        db::execute(&lock, &sql, []).await?;
        Ok(lock)
    }

    async fn look(&self, sql: &str) -> Vec<String> {
        db::fetch_column(self.context.db.autocommit(), sql, [])
            .await
            .unwrap_or_default()
    }

    /// Waits until everything that was due is done, letting time pass for claims of the dead.
    async fn settled(&mut self, date: BusinessDate) -> Result<()> {
        let open = format!(
            "SELECT name FROM (VALUES ('settle_groups', 0), ('settle_ads', 0), ('collect_fees', 1), ('check_ledger', 1)) AS due (name, days)
             WHERE NOT EXISTS (SELECT FROM job_runs WHERE job = name AND business_date = '{date}'::date + days AND state = 'done')"
        );
        for _ in 0..5 {
            until(async || {
                fixture::rows(&self.context, &open)
                    .await
                    .is_ok_and(|open| open.is_empty())
            })
            .await;
            if fixture::rows(&self.context, &open).await?.is_empty() {
                return Ok(());
            }
            self.scheduler.stop().await?;
            self.time.skip(OUTAGE);
            self.start_scheduler().await?;
        }
        anyhow::bail!("not done: {:?}", fixture::rows(&self.context, &open).await?)
    }
}
