//! Operators decide.

use super::model::{ShownState, State};
use super::repo::{self, Withdrawal, reviews};
use crate::ledger::model::Posting;
use crate::ledger::service as ledger;
use crate::tracking::{self, BusinessEvent};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, UserId, WithdrawalId};
use poem_openapi::Object;
use sea_orm::ConnectionTrait;
use serde::Serialize;

kernel::named! {
    /// What an operator decides about a withdrawal.
    pub enum Decision {
        /// Pay it.
        Approve = "approve",
        /// Give the money back.
        Reject = "reject",
    }
}

/// What became of one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "ReviewResult")]
pub struct Reviewed {
    /// Of which withdrawal.
    pub id: WithdrawalId,
    /// 1200, or why nothing changed.
    pub code: u16,
    /// A sentence for the operator.
    pub msg: String,
    /// The state in the numbers people know, where it changed or was confirmed.
    pub state: Option<ShownState>,
    /// The state itself.
    pub detail_state: Option<State>,
}

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
    let mut reviewed = Vec::with_capacity(ids.len());
    for id in ids {
        let outcome = match decision {
            Decision::Approve => approve(context, operator, *id, reason).await,
            Decision::Reject => reject(context, operator, *id, reason).await,
        };
        reviewed.push(match outcome {
            Ok((state, msg)) => Reviewed {
                id: *id,
                code: Code::ServiceSuccess.number(),
                msg: msg.to_owned(),
                state: Some(state.shown()),
                detail_state: Some(state),
            },
            Err(error) if error.code == Code::ServiceUnavailable => return Err(error),
            Err(error) => Reviewed {
                id: *id,
                code: error.code.number(),
                msg: error.message.into_owned(),
                state: None,
                detail_state: None,
            },
        });
    }
    Ok(reviewed)
}

async fn approve(
    context: &Context,
    operator: OperatorId,
    id: WithdrawalId,
    reason: &str,
) -> Result<(State, &'static str)> {
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let mut withdrawal = found(repo::lock(&txn, id).await?)?;
    if !withdrawal.state.may_become(State::Approved) {
        return Err(too_late(withdrawal.state));
    }
    if !reviews::keep(&txn, id, operator, Decision::Approve.name(), reason, now).await? {
        let message = "you approved this withdrawal before; another operator must agree";
        return Err(Error::new(Code::DuplicateRequest, message));
    }
    note(&txn, operator, Decision::Approve, &withdrawal, reason, now).await?;
    let two = withdrawal.amount > context.config.withdrawal.two_operators_above;
    let enough = reviews::approvals(&txn, id).await? >= if two { 2 } else { 1 };
    if enough {
        let now = context.clock.shared_now(&txn).await?;
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
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let seen = found(repo::find(&txn, id).await?)?;
    ledger::lock_wallet(&txn, seen.user_id).await?;
    let withdrawal = found(repo::lock(&txn, id).await?)?;
    if !withdrawal.state.may_become(State::Rejected) {
        return Err(too_late(withdrawal.state));
    }
    reviews::keep(&txn, id, operator, Decision::Reject.name(), reason, now).await?;
    note(&txn, operator, Decision::Reject, &withdrawal, reason, now).await?;
    give_back(context, &txn, withdrawal, reason, now).await?;
    txn.commit().await?;
    Ok((State::Rejected, "rejected"))
}

/// Rejects everything of a user that is not yet with the partner, in the transaction that blocks them. Tells what.
///
/// # Errors
/// 503 while a settlement holds the wallet; what PostgreSQL says.
pub async fn reject_pending_of(
    context: &Context,
    conn: &impl ConnectionTrait,
    user: UserId,
    reason: &str,
) -> Result<Vec<WithdrawalId>> {
    let now = context.clock.now();
    ledger::lock_wallet(conn, user).await?;
    let mut rejected = Vec::new();
    for withdrawal in repo::lock_rejectable_of(conn, user).await? {
        rejected.push(withdrawal.id);
        give_back(context, conn, withdrawal, reason, now).await?;
    }
    Ok(rejected)
}

/// Rejects a locked withdrawal under a locked wallet.
async fn give_back(
    context: &Context,
    conn: &impl ConnectionTrait,
    mut withdrawal: Withdrawal,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if !repo::reject(conn, withdrawal.id, reason, now).await? {
        return Err(too_late(withdrawal.state));
    }
    let release = Posting::release(withdrawal.id, withdrawal.user_id, withdrawal.amount);
    ledger::post(conn, &release, context.clock.today(), now).await?;
    withdrawal.state = State::Rejected;
    announce(conn, &withdrawal, now).await
}

fn found(withdrawal: Option<Withdrawal>) -> Result<Withdrawal> {
    withdrawal.ok_or_else(|| Error::not_found("withdrawal"))
}

fn too_late(state: State) -> Error {
    Error::new(
        Code::DuplicateRequest,
        format!("nothing changed: this withdrawal is {state}"),
    )
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

/// Tells the world where the withdrawal stands.
pub(super) async fn announce(
    conn: &impl ConnectionTrait,
    withdrawal: &Withdrawal,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = BusinessEvent::WithdrawalChanged {
        id: withdrawal.id,
        user: withdrawal.user_id,
        amount: withdrawal.amount,
        state: withdrawal.state.name().to_owned(),
    };
    tracking::announce(conn, now, vec![event]).await
}
