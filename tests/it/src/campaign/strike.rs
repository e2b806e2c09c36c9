//! Kills in the daytime: at their moment, in the middle of something.

use super::crowd::held;
use super::deployment::Deployment;
use super::schedule::Victim;
use crate::fixture;
use anyhow::Result;
use chrono::TimeDelta;
use deadpool_redis::redis;
use kernel::db;
use rand::RngExt;
use rand::rngs::StdRng;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a moment is waited for; a kill that misses it counts, but not as one inside.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many moments are looked at.
const TRIES: usize = 20;
/// Longer than every lease of the scheduler.
pub const OUTAGE: TimeDelta = TimeDelta::seconds(135);

/// A kill that was made.
#[derive(Debug, Clone)]
pub struct Struck {
    /// Who.
    pub victim: Victim,
    /// Whether it was certainly in the middle of something.
    pub inside: bool,
    /// Of what.
    pub what: String,
}

impl Deployment<'_> {
    /// Kills a victim of the daytime at its moment and brings it back.
    ///
    /// # Errors
    /// When something does not come back.
    pub async fn strike(&mut self, victim: Victim, chance: &mut StdRng) -> Result<Struck> {
        let (inside, what) = match victim {
            Victim::ApiInWithdrawal => self.strike_api(chance).await?,
            Victim::SchedulerInPayout => self.strike_payout(chance).await?,
            _ => self.strike_under_load(victim, chance).await?,
        };
        self.must_live()?;
        Ok(Struck { victim, inside, what })
    }

    async fn strike_api(&mut self, chance: &mut StdRng) -> Result<(bool, String)> {
        let crowd = self.crowd.clone();
        let asking = || crowd.seen.asking.load(Ordering::SeqCst);
        if chance.random_bool(0.5) {
            self.until_committed().await?;
        } else {
            // Anywhere in a request, not at its beginning only: so a moment without one is let go.
            for _ in 0..TRIES {
                let came = until(async || asking() > 0).await;
                sleep(Duration::from_micros(chance.random_range(0..30_000))).await;
                if asking() > 0 || !came {
                    break;
                }
            }
        }
        let (under_way, before) = (asking(), held(&crowd.seen.cut).len());
        self.api.kill9();
        until(async || under_way == 0 || held(&crowd.seen.cut).len() > before).await;
        let cut: Vec<String> = held(&crowd.seen.cut)[before..].to_vec();
        let kept = "SELECT count(*) FROM idempotency_keys WHERE key = ANY($1)";
        let kept: Option<i64> =
            db::fetch_scalar(self.context.db.autocommit(), kept, [cut.clone().into()]).await?;
        self.start_api().await?;
        let (cut, kept) = (cut.len(), kept.unwrap_or_default());
        Ok((
            cut > 0,
            format!("{cut} withdrawals cut off, {kept} of them committed"),
        ))
    }

    /// Waits until one more withdrawal is committed: its answer is on its way at best.
    async fn until_committed(&self) -> Result<()> {
        let count = "SELECT count(*) FROM idempotency_keys";
        let kept = async || db::fetch_scalar::<i64>(self.context.db.autocommit(), count, []).await;
        let (before, deadline) = (kept().await?, Instant::now() + PATIENCE);
        while kept().await? == before && Instant::now() < deadline {}
        Ok(())
    }

    async fn strike_payout(&mut self, chance: &mut StdRng) -> Result<(bool, String)> {
        let open = "SELECT bill_no FROM withdrawals WHERE state = 'submitting'";
        let bills = async || -> Vec<String> {
            let found = db::fetch_column(self.context.db.autocommit(), open, []).await;
            found.unwrap_or_default()
        };
        for _ in 0..TRIES {
            let came = until(async || !bills().await.is_empty()).await;
            sleep(Duration::from_micros(chance.random_range(0..60_000))).await;
            if !bills().await.is_empty() || !came {
                break;
            }
        }
        self.scheduler.kill9();
        let bills = db::fetch_column::<String>(self.context.db.autocommit(), open, []).await?;
        let known = self.crowd.control.payouts().await?.bills;
        let known = known
            .iter()
            .filter(|bill| bill.paid > 0 && bills.contains(&bill.order.out_bill_no));
        let what = format!("{} payouts cut off, {} of them paid", bills.len(), known.count());
        self.time.skip(outage(chance));
        self.start_scheduler().await?;
        Ok((!bills.is_empty(), what))
    }

    async fn strike_under_load(&mut self, victim: Victim, chance: &mut StdRng) -> Result<(bool, String)> {
        sleep(Duration::from_millis(chance.random_range(0..150))).await;
        until(async || self.load().await.0).await;
        let (busy, load) = self.load().await;
        match victim {
            Victim::Postgres => self.strike_postgres().await?,
            Victim::RabbitMq => {
                self.stack.rabbitmq.kill9();
                self.stack.rabbitmq.start().await?;
            }
            Victim::Redis => {
                // Forgetting while everybody is connected is another thing than being away.
                self.context.cache.run::<()>(&redis::cmd("FLUSHALL")).await?;
                sleep(Duration::from_millis(chance.random_range(0..100))).await;
                self.stack.redis.kill9();
                sleep(Duration::from_millis(chance.random_range(0..300))).await;
                self.stack.redis.start().await?;
            }
            _ => {
                self.scheduler.kill9();
                self.time.skip(outage(chance));
                self.start_scheduler().await?;
            }
        }
        Ok((busy, load))
    }

    /// Whether anything is under way, and what.
    async fn load(&self) -> (bool, String) {
        let waiting = "SELECT (SELECT count(*) FROM inbox_messages WHERE state = 'pending') AS inbox,
                              (SELECT count(*) FROM outbox WHERE state = 'pending') AS outbox";
        let waiting = fixture::rows(&self.context, waiting)
            .await
            .unwrap_or_default()
            .concat();
        let requests = self.crowd.seen.in_flight.load(Ordering::SeqCst);
        let busy = requests > 0 || !["", "(0,0)"].contains(&waiting.as_str());
        (busy, format!("{requests} requests, (inbox,outbox) {waiting}"))
    }
}

/// Back at once, with the leases of the dead one still running, or after them.
fn outage(chance: &mut StdRng) -> TimeDelta {
    if chance.random_bool(0.5) {
        OUTAGE
    } else {
        TimeDelta::zero()
    }
}

/// Waits for a moment, but not for ever; tells whether it came.
pub async fn until(is: impl AsyncFn() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !is().await {
        if Instant::now() > deadline {
            return false;
        }
        sleep(Duration::from_micros(300)).await;
    }
    true
}
