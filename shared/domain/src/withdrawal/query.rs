//! What the partner has, or may have, is asked about until it has ended.

use super::apply::record;
use super::model::{PaidSummary, Transition, queried};
use super::repo::{Withdrawal, claims};
use super::submit::{LANES, lease, submit};
use super::switch;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use kernel::Context;
use kernel::error::Result;
use partners::wxpay::PayoutConnector;

/// Asks about every withdrawal whose time has come.
pub(super) async fn ask_about_due(context: &Context, connector: &dyn PayoutConnector) -> Result<PaidSummary> {
    let due = context.clock.shared_now(context.db.read()).await?;
    let mut summary = PaidSummary::default();
    for lane in join_all((0..LANES).map(|_| query_lane(context, connector, due))).await {
        summary.add(lane?);
    }
    Ok(summary)
}

async fn query_lane(
    context: &Context,
    connector: &dyn PayoutConnector,
    due: DateTime<Utc>,
) -> Result<PaidSummary> {
    let mut summary = PaidSummary::default();
    loop {
        let until = context.clock.shared_now(context.db.read()).await? + lease(context);
        let claimed = claims::to_query(context.db.autocommit(), connector.name(), due, until).await?;
        let Some(withdrawal) = claimed else {
            return Ok(summary);
        };
        match ask(context, connector, &withdrawal).await {
            Ok(one) => summary.add(one),
            Err(error) => {
                tracing::error!(withdrawal = %withdrawal.id, error = error.chain(), "cannot record what a query told");
                summary.troubles += 1;
            }
        }
    }
}

/// Asks about one withdrawal and writes down what it learns. Where the partner has no such bill, the same call is made
/// once more, unless payouts are stopped.
pub(super) async fn ask(
    context: &Context,
    connector: &dyn PayoutConnector,
    seen: &Withdrawal,
) -> Result<PaidSummary> {
    let answer = connector.query(&seen.bill_no).await;
    let now = context.clock.shared_now(context.db.read()).await?;
    let age = now - seen.submitted_at.unwrap_or(now);
    let alert_after = TimeDelta::hours(context.config.withdrawal.unknown_alert_hours);
    let transition = queried(
        seen.state,
        answer.outcome_for(seen.amount, &seen.open_id),
        age,
        alert_after,
    );
    let mut summary = PaidSummary {
        queried: 1,
        ..PaidSummary::default()
    };
    if let Some(claimed) = claim_again(context, seen, &transition, now).await? {
        summary.add(submit(context, connector, &claimed).await);
    } else if record(context, seen, &transition).await? {
        summary.count(transition.state);
    }
    Ok(summary)
}

async fn claim_again(
    context: &Context,
    seen: &Withdrawal,
    transition: &Transition,
    now: DateTime<Utc>,
) -> Result<Option<Withdrawal>> {
    if !transition.submit_again || switch::obstacle(context).await?.is_some() {
        return Ok(None);
    }
    claims::again(context.db.autocommit(), seen, now, now + lease(context)).await
}
