//! What a partner's answer changes, in one transaction.

use super::announce::announce;
use super::model::{Movement, State, Transition, query_again_after};
use super::repo::{self, Withdrawal};
use crate::ledger::{self, Posting};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use sea_orm::ConnectionTrait;

/// Writes down what an answer about a withdrawal taught and moves the money that goes with it. False, and no change,
/// when somebody else moved the withdrawal since it was `seen`: they know better.
pub(super) async fn record(context: &Context, seen: &Withdrawal, transition: &Transition) -> Result<bool> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let movement = transition.state.movement();
    if movement.is_some() {
        // Wallet before withdrawal, as everywhere.
        ledger::lock_wallet(&txn, seen.user_id).await?;
    }
    if !repo::apply(&txn, seen, transition, next_query(seen, transition, now), now).await? {
        txn.rollback().await?;
        return Ok(false);
    }
    if let Some(movement) = movement {
        move_money(&txn, seen, movement, now).await?;
    }
    let changed = Withdrawal {
        state: transition.state,
        ..seen.clone()
    };
    if changed.state != seen.state {
        announce(&txn, &changed, now).await?;
    }
    txn.commit().await?;
    report(seen, transition);
    Ok(true)
}

async fn move_money(
    conn: &impl ConnectionTrait,
    seen: &Withdrawal,
    movement: Movement,
    now: DateTime<Utc>,
) -> Result<()> {
    let (id, user, amount) = (seen.id, seen.user_id, seen.amount);
    let today = BusinessDate::of(now);
    match movement {
        Movement::Payout => ledger::post_payout(conn, &Posting::payout(id, user, amount), today, now).await,
        Movement::Release => ledger::post(conn, &Posting::release(id, user, amount), today, now)
            .await
            .map(|_| ()),
    }
}

/// What the partner has just taken is asked about at once; everything else the later the longer it has taken.
fn next_query(seen: &Withdrawal, transition: &Transition, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let taken = seen.state == State::Submitting && transition.state != State::Unknown;
    let wait = if taken {
        TimeDelta::zero()
    } else {
        query_again_after(seen.submitted_at.unwrap_or(now), now)
    };
    transition.state.is_open().then(|| now + wait)
}

fn report(seen: &Withdrawal, transition: &Transition) {
    if transition.state != seen.state {
        metrics::counter!("gpet_payouts_total", "outcome" => transition.state.name()).increment(1);
        tracing::info!(withdrawal = %seen.id, amount = %seen.amount, from = %seen.state, to = %transition.state,
            partner_state = transition.partner_state, "payout");
    }
    if let Some(alert) = &transition.alert
        && seen.alert.as_ref() != Some(alert)
    {
        metrics::counter!("gpet_payout_alerts_total").increment(1);
        tracing::error!(withdrawal = %seen.id, bill_no = seen.bill_no, alert, "a payout needs a person to look at it");
    }
}
