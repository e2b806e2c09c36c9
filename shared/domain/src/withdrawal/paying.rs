//! Approved withdrawals go to the partner. The call is made outside any transaction, between two that say so.

use super::answers::record;
use super::model::{State, submitted};
use super::querying;
use super::repo::{Withdrawal, claims};
use super::switch;
use chrono::TimeDelta;
use futures::future::join_all;
use kernel::Context;
use kernel::error::Result;
use partners::Partners;
use partners::wxpay::{PayoutConnector, PayoutOrder};
use serde::Serialize;

/// How many calls are under way at once.
pub(super) const LANES: usize = 8;

/// What one pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PaidSummary {
    /// Calls made to pay.
    pub submitted: u64,
    /// Calls made to ask.
    pub queried: u64,
    /// Withdrawals found paid.
    pub paid: u64,
    /// Withdrawals found failed; the money is back.
    pub failed: u64,
    /// Answers after which nobody knows.
    pub unknown: u64,
    /// Answers that could not be written down; they are asked for again.
    pub troubles: u64,
    /// Why nothing more was submitted, if something stood against it.
    pub stopped: Option<String>,
}

impl PaidSummary {
    pub(super) fn add(&mut self, other: PaidSummary) {
        self.submitted += other.submitted;
        self.queried += other.queried;
        self.paid += other.paid;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.troubles += other.troubles;
        self.stopped = self.stopped.take().or(other.stopped);
    }

    pub(super) fn count(&mut self, state: State) {
        match state {
            State::Paid => self.paid += 1,
            State::Failed => self.failed += 1,
            State::Unknown => self.unknown += 1,
            _ => {}
        }
    }
}

/// One pass to the end: submits every approved withdrawal of users who are not blocked, unless payouts are stopped, then
/// asks about everything whose time has come. Replicas side by side share the work. Must not be cancelled half-way.
///
/// # Errors
/// 1500 when this process cannot pay; 503 when PostgreSQL is away.
pub async fn pay_due(context: &Context, partners: &Partners) -> Result<PaidSummary> {
    let connector = partners.wxpay()?;
    let now = context.clock.shared_now(context.db.read()).await?;
    let abandoned = claims::abandon_submissions(context.db.read(), now).await?;
    if abandoned > 0 {
        tracing::warn!(
            abandoned,
            "payouts were cut off in the middle of a call; asking what became of them"
        );
    }
    let mut summary = PaidSummary::default();
    let lanes = join_all((0..LANES).map(|_| submit_lane(context, connector))).await;
    for lane in lanes {
        summary.add(lane?);
    }
    summary.add(querying::ask_about_due(context, connector).await?);
    gauge(context).await?;
    Ok(summary)
}

async fn submit_lane(context: &Context, connector: &dyn PayoutConnector) -> Result<PaidSummary> {
    let mut summary = PaidSummary::default();
    loop {
        summary.stopped = switch::obstacle(context).await?;
        if summary.stopped.is_some() {
            return Ok(summary);
        }
        let now = context.clock.shared_now(context.db.read()).await?;
        let until = now + lease(context);
        let claimed = claims::approved(context.db.read(), connector.name(), now, until).await?;
        let Some(withdrawal) = claimed else {
            return Ok(summary);
        };
        summary.add(submit(context, connector, &withdrawal).await);
    }
}

/// Makes the call for a withdrawal that was claimed for it. What cannot be written down is found by its lease.
pub(super) async fn submit(
    context: &Context,
    connector: &dyn PayoutConnector,
    claimed: &Withdrawal,
) -> PaidSummary {
    let mut summary = PaidSummary {
        submitted: 1,
        ..PaidSummary::default()
    };
    let order = PayoutOrder {
        bill_no: claimed.bill_no.clone(),
        open_id: claimed.open_id.clone(),
        amount: claimed.amount,
    };
    let answer = connector.submit(&order).await;
    let lesson = submitted(answer.outcome_for(claimed.amount, &claimed.open_id));
    match record(context, claimed, &lesson).await {
        Ok(_) => summary.count(lesson.state),
        Err(error) => {
            tracing::error!(withdrawal = %claimed.id, error = error.chain(), "cannot record a payout's answer");
            summary.troubles += 1;
        }
    }
    summary
}

/// How long a claim lasts: longer than any call, and what is found after it was cut off.
pub(super) fn lease(context: &Context) -> TimeDelta {
    let call = i64::try_from(context.config.wxpay.timeout_seconds).unwrap_or(i64::MAX / 2_000);
    TimeDelta::seconds(60 + call)
}

async fn gauge(context: &Context) -> Result<()> {
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let oldest = claims::oldest_unknown(conn).await?;
    let seconds = oldest.map_or(0, |since| (now - since).num_seconds());
    metrics::gauge!("gpet_payout_oldest_unknown_seconds").set(seconds as f64);
    let state = switch::payout_state(conn).await?;
    metrics::gauge!("gpet_payouts_paused").set(if state.running { 0.0 } else { 1.0 });
    Ok(())
}
