//! One withdrawal with everything operators ask about it.

use super::decide::obstacle;
use super::model::Decision;
use super::repo::lists::ConsoleWithdrawal;
pub use super::repo::reviews::ReviewEntry;
use super::repo::{lists, reviews};
use crate::identity::Operator;
use crate::identity::Permission;
use crate::ledger::{self, MovedEntry};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::WithdrawalId;
use poem_openapi::Object;
use serde::Serialize;

/// A withdrawal with what operators decided about it, and how its money moved.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "WithdrawalDetail")]
pub struct ConsoleDetail {
    /// As in the list.
    #[serde(flatten)]
    #[oai(flatten)]
    pub withdrawal: ConsoleWithdrawal,
    /// The decisions, oldest first.
    pub reviews: Vec<ReviewEntry>,
    /// Whether more than one operator has to approve it.
    pub needs_two: bool,
    /// Whether the caller may approve it now.
    pub may_approve: DecisionOutlook,
    /// Whether the caller may reject it now.
    pub may_reject: DecisionOutlook,
    /// Its postings, oldest first.
    pub postings: Vec<MovedEntry>,
}

/// Whether something can be done, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "WithdrawalChoice")]
pub struct DecisionOutlook {
    /// Whether it can.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// One withdrawal for an operator.
///
/// # Errors
/// 1404 when there is none.
pub async fn get_for_console(
    context: &Context,
    operator: &Operator,
    id: WithdrawalId,
) -> Result<ConsoleDetail> {
    let conn = context.db.read();
    let withdrawal = lists::one(conn, id).await?;
    let withdrawal = withdrawal.ok_or_else(|| Error::not_found("withdrawal"))?;
    let facts = lists::to_decide(conn, &[id], operator.id).await?;
    let facts = facts.first().ok_or_else(|| Error::not_found("withdrawal"))?;
    let choice = |decision: Decision| {
        let why_not = match operator.must(Permission::ReviewWithdrawals) {
            Err(error) => Some(error.message.into_owned()),
            Ok(()) => obstacle(facts, decision).map(|error| error.message.into_owned()),
        };
        DecisionOutlook {
            allowed: why_not.is_none(),
            why_not,
        }
    };
    Ok(ConsoleDetail {
        reviews: reviews::of(conn, id).await?,
        needs_two: withdrawal.amount > context.config.withdrawal.two_operators_above,
        may_approve: choice(Decision::Approve),
        may_reject: choice(Decision::Reject),
        postings: ledger::moved_for(conn, id, withdrawal.user_id, withdrawal.amount).await?,
        withdrawal,
    })
}
