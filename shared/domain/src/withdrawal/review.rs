//! Operators decide.

use super::announce::announce;
use super::decide::{approved_before, too_late};
use super::model::{Decision, Reviewed, State};
use super::repo::{self, Withdrawal, reviews};
use crate::ledger::{self, Posting};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, UserId, WithdrawalId};
use sea_orm::ConnectionTrait;

/// Decisions under way at once, each in a transaction of its own.
const AT_ONCE: usize = 4;

/// Decides each withdrawal on its own; one that cannot be decided does not hold up the others. Above the configured
/// amount two different operators must approve.
///
/// # Errors
/// 1403 without ids or with more than 200, or, for a rejection, without a reason; 503 when PostgreSQL is away or busy: what was decided before
/// stays decided.
pub async fn review(
    context: &Context,
    operator: OperatorId,
    ids: &[WithdrawalId],
    decision: Decision,
    reason: &str,
) -> Result<Vec<Reviewed>> {
    check_count("ids", ids.len())?;
    let reason = reason.trim();
    if decision == Decision::Reject && reason.is_empty() {
        return Err(Error::params(
            "reason",
            "is required to reject: the user reads it",
        ));
    }
    let decide = async |id: WithdrawalId| {
        let outcome = match decision {
            Decision::Approve => approve(context, operator, id, reason).await,
            Decision::Reject => reject(context, operator, id, reason).await,
        };
        match outcome {
            Ok((state, words)) => Ok(Reviewed::done(id, state, words)),
            Err(error) if error.code == Code::ServiceUnavailable => Err(error),
            Err(error) => Ok(Reviewed::refused(id, &error)),
        }
    };
    // In the order of the ids, a few at once.
    stream::iter(ids.iter().copied().map(decide))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn approve(
    context: &Context,
    operator: OperatorId,
    id: WithdrawalId,
    reason: &str,
) -> Result<(State, &'static str)> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let mut withdrawal = found(repo::lock(&txn, id).await?)?;
    if !withdrawal.state.may_become(State::Approved) {
        return Err(too_late(withdrawal.state));
    }
    if !reviews::keep(&txn, id, operator, Decision::Approve, reason, now).await? {
        return Err(approved_before());
    }
    note(&txn, operator, Decision::Approve, &withdrawal, reason, now).await?;
    let two = withdrawal.amount > context.config.withdrawal.two_operators_above;
    let enough = reviews::approvals(&txn, id).await? >= if two { 2 } else { 1 };
    if enough {
        repo::approve(&txn, id, now).await?;
        withdrawal.state = State::Approved;
        announce(&txn, &withdrawal, now).await?;
    }
    txn.commit().await?;
    Ok(if enough {
        (State::Approved, "approved")
    } else {
        (State::Requested, "noted; another operator must agree")
    })
}

async fn reject(
    context: &Context,
    operator: OperatorId,
    id: WithdrawalId,
    reason: &str,
) -> Result<(State, &'static str)> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let seen = found(repo::find(&txn, id).await?)?;
    ledger::lock_wallet(&txn, seen.user_id).await?;
    let withdrawal = found(repo::lock(&txn, id).await?)?;
    if !withdrawal.state.may_become(State::Rejected) {
        return Err(too_late(withdrawal.state));
    }
    reviews::keep(&txn, id, operator, Decision::Reject, reason, now).await?;
    note(&txn, operator, Decision::Reject, &withdrawal, reason, now).await?;
    give_back(&txn, withdrawal, reason, now).await?;
    txn.commit().await?;
    Ok((State::Rejected, "rejected"))
}

/// Rejects everything of a user that is not yet with the partner, in the transaction that blocks them. Tells what.
///
/// # Errors
/// 503 while a settlement holds the wallet.
pub(super) async fn reject_pending_of(
    conn: &impl ConnectionTrait,
    user: UserId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<WithdrawalId>> {
    ledger::lock_wallet(conn, user).await?;
    let mut rejected = Vec::new();
    for withdrawal in repo::lock_rejectable_of(conn, user).await? {
        rejected.push(withdrawal.id);
        give_back(conn, withdrawal, reason, now).await?;
    }
    Ok(rejected)
}

/// Rejects a locked withdrawal under a locked wallet.
async fn give_back(
    conn: &impl ConnectionTrait,
    mut withdrawal: Withdrawal,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if !repo::reject(conn, withdrawal.id, reason, now).await? {
        return Err(too_late(withdrawal.state));
    }
    let release = Posting::release(withdrawal.id, withdrawal.user_id, withdrawal.amount);
    ledger::post(conn, &release, BusinessDate::of(now), now).await?;
    withdrawal.state = State::Rejected;
    announce(conn, &withdrawal, now).await
}

fn found(withdrawal: Option<Withdrawal>) -> Result<Withdrawal> {
    withdrawal.ok_or_else(|| Error::not_found("withdrawal"))
}

async fn note(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    decision: Decision,
    withdrawal: &Withdrawal,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let action = format!("{}_withdrawal", decision.name());
    let detail =
        serde_json::json!({ "amount": withdrawal.amount, "user": withdrawal.user_id, "reason": reason });
    audit::record(conn, operator, &action, &withdrawal.id.to_string(), detail, now).await
}
