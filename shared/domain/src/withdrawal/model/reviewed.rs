//! What became of a decision.

use super::state::{ShownState, State};
use kernel::code::Code;
use kernel::error::Error;
use kernel::id::WithdrawalId;
use kernel::money::Money;
use poem_openapi::Object;
use serde::Serialize;

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
    /// How much, yuan; of a dry run only, to be summed up.
    pub amount: Option<Money>,
}

impl Reviewed {
    pub(in super::super) fn done(id: WithdrawalId, state: State, words: &str) -> Self {
        Reviewed {
            id,
            code: Code::ServiceSuccess.number(),
            msg: words.to_owned(),
            state: Some(state.shown()),
            detail_state: Some(state),
            amount: None,
        }
    }

    pub(in super::super) fn refused(id: WithdrawalId, error: &Error) -> Self {
        Reviewed {
            id,
            code: error.code.number(),
            msg: error.message.clone().into_owned(),
            state: None,
            detail_state: None,
            amount: None,
        }
    }

    pub(in super::super) fn of_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }
}
