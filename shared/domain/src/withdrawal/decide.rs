//! What would become of a decision, without deciding.

use super::model::{Decision, Reviewed, State};
use super::repo::lists::{self, ToDecide};
use kernel::Context;
use kernel::bulk::check_count;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, WithdrawalId};
use std::collections::HashMap;

/// What stands against a decision.
pub(super) fn obstacle(facts: &ToDecide, decision: Decision) -> Option<Error> {
    let next = match decision {
        Decision::Approve => State::Approved,
        Decision::Reject => State::Rejected,
    };
    if !facts.state.may_become(next) {
        return Some(too_late(facts.state));
    }
    (decision == Decision::Approve && facts.approved_by_me).then(approved_before)
}

/// The withdrawal has gone on.
pub(super) fn too_late(state: State) -> Error {
    let message = format!("nothing changed: this withdrawal is {state}");
    Error::new(Code::DuplicateRequest, message)
}

/// Nobody agrees with themselves.
pub(super) fn approved_before() -> Error {
    let message = "you approved this withdrawal before; another operator must agree";
    Error::new(Code::DuplicateRequest, message)
}

/// What each decision would come to if it were made now. Changes nothing.
///
/// # Errors
/// 1403 without ids or with more than 200.
pub async fn preview(
    context: &Context,
    operator: OperatorId,
    ids: &[WithdrawalId],
    decision: Decision,
) -> Result<Vec<Reviewed>> {
    check_count("ids", ids.len())?;
    let facts = lists::to_decide(context.db.read(), ids, operator).await?;
    let facts: HashMap<WithdrawalId, ToDecide> = facts.into_iter().map(|row| (row.id, row)).collect();
    let above = context.config.withdrawal.two_operators_above;
    let would = |id: &WithdrawalId| {
        let Some(row) = facts.get(id) else {
            return Reviewed::refused(*id, &Error::not_found("withdrawal"));
        };
        if let Some(error) = obstacle(row, decision) {
            return Reviewed::refused(*id, &error).of_amount(row.amount);
        }
        let needed = if row.amount > above { 2 } else { 1 };
        let (state, words) = match decision {
            Decision::Reject => (State::Rejected, "would be rejected"),
            Decision::Approve if row.approvals + 1 >= needed => (State::Approved, "would be approved"),
            Decision::Approve => (State::Requested, "would be noted; another operator must agree"),
        };
        Reviewed::done(*id, state, words).of_amount(row.amount)
    };
    Ok(ids.iter().map(would).collect())
}
