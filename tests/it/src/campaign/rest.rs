//! Coming to rest: everything that was asked for has happened, and nothing waits any more.

use super::deployment::Deployment;
use crate::fixture;
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long it may take in all.
const PATIENCE: Duration = Duration::from_secs(150);
/// Nothing moved for so long: what is left waits for a lease or a retry, so time has to pass.
const STANDSTILL: Duration = Duration::from_millis(1500);
const LOOK: Duration = Duration::from_millis(50);
/// One minute more than the shortest lease; doubled each time.
const FIRST_SKIP: TimeDelta = TimeDelta::seconds(75);

/// Work that waits. Bindings that were asked for wait for the gateway.
const WAITING: &str = "SELECT
    (SELECT count(*) FROM inbox_messages WHERE state IN ('pending', 'dead')) AS inbox,
    (SELECT count(*) FROM outbox WHERE state = 'pending') AS outbox,
    (SELECT count(*) FROM withdrawals WHERE state NOT IN ('paid', 'failed', 'rejected')) AS withdrawals,
    (SELECT count(*) FROM pending_binds WHERE state <> 'bound') AS binds,
    (SELECT count(*) FROM job_runs WHERE state IN ('running', 'failed')) AS jobs";
const AT_REST: &str = "(0,0,0,0,0)";
/// All that the gateway was given to publish, however often it did.
const ARRIVED: &str = "SELECT count(*) FROM inbox_messages WHERE message_key LIKE '%:campaign-%'";

impl Deployment<'_> {
    /// Waits until nothing waits.
    ///
    /// # Errors
    /// Tells what still does when the time is up.
    pub async fn rest(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let (mut skip, mut last, mut since) = (FIRST_SKIP, String::new(), Instant::now());
        loop {
            let expected = format!("({})", self.crowd.seen.events.load(Ordering::SeqCst));
            let looked = self.waiting().await;
            let seen = match &looked {
                Ok((waiting, arrived)) if waiting == AT_REST && *arrived == expected => return Ok(()),
                Ok((waiting, arrived)) => format!("{waiting}, {arrived} of {expected} events"),
                Err(error) => format!("{error:#}"),
            };
            if seen != last {
                (last, since) = (seen, Instant::now());
            }
            self.must_live()?;
            if Instant::now() > deadline {
                ensure!(
                    false,
                    "(inbox, outbox, withdrawals, binds, jobs) {last}: {:#?}",
                    self.left().await?
                );
            }
            if since.elapsed() > STANDSTILL {
                self.scheduler.stop().await?;
                self.time.skip(skip);
                skip = skip * 2;
                self.start_scheduler().await?;
                since = Instant::now();
            }
            sleep(LOOK).await;
        }
    }

    async fn waiting(&self) -> Result<(String, String)> {
        let one = async |sql| Ok::<_, anyhow::Error>(fixture::rows(&self.context, sql).await?.concat());
        Ok((one(WAITING).await?, one(ARRIVED).await?))
    }

    /// What still waits, for people.
    async fn left(&self) -> Result<Vec<String>> {
        let mut left = Vec::new();
        for sql in [
            "SELECT 'inbox', state, command, attempts, outcome, next_attempt_at FROM inbox_messages WHERE state IN ('pending', 'dead') LIMIT 5",
            "SELECT 'outbox', destination, topic, lane, attempts, last_error, next_attempt_at FROM outbox WHERE state = 'pending' LIMIT 5",
            "SELECT 'withdrawal', id, state, attempts, partner_state, alert, next_attempt_at FROM withdrawals
             WHERE state NOT IN ('paid', 'failed', 'rejected') LIMIT 5",
            "SELECT 'bind', group_code, state, created_at, expires_at FROM pending_binds WHERE state <> 'bound' LIMIT 5",
            "SELECT 'job', job, business_date, state, error, lease_until FROM job_runs WHERE state IN ('running', 'failed') LIMIT 5",
            "SELECT 'payouts', paused, reason FROM payout_switch",
        ] {
            left.extend(fixture::rows(&self.context, sql).await?);
        }
        left.push(format!("campaign's time {}", self.time.now()));
        Ok(left)
    }
}
