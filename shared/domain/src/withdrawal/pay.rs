//! A pass of payouts: approved withdrawals go to the partner, then everything that is due is asked about.

use super::model::PaidSummary;
use super::query;
use super::repo::claims;
use super::submit::{LANES, lease, submit};
use super::switch;
use futures::future::join_all;
use kernel::Context;
use kernel::error::Result;
use partners::Partners;
use partners::wxpay::PayoutConnector;

/// One pass to the end: submits every approved withdrawal of users who are not blocked, unless payouts are stopped, then
/// asks about everything whose time has come. Replicas side by side share the work. Must not be cancelled half-way.
///
/// # Errors
/// 1500 when this process cannot pay; 503 when PostgreSQL is away.
pub async fn pay_due(context: &Context, partners: &Partners) -> Result<PaidSummary> {
    let connector = partners.wxpay()?;
    let now = context.clock.shared_now(context.db.read()).await?;
    let abandoned = claims::abandon_submissions(context.db.autocommit(), now).await?;
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
    summary.add(query::ask_about_due(context, connector).await?);
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
        let claimed = claims::approved(context.db.autocommit(), connector.name(), now, until).await?;
        let Some(withdrawal) = claimed else {
            return Ok(summary);
        };
        summary.add(submit(context, connector, &withdrawal).await);
    }
}

async fn gauge(context: &Context) -> Result<()> {
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let oldest = claims::oldest_unknown(conn).await?;
    let seconds = oldest.map_or(0, |since| (now - since).num_seconds());
    metrics::gauge!("gpet_payout_oldest_unknown_seconds").set(seconds as f64);
    let state = switch::payout_state(context).await?;
    metrics::gauge!("gpet_payouts_paused").set(if state.running { 0.0 } else { 1.0 });
    Ok(())
}
