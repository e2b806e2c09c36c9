//! Whoever listens hears where a withdrawal stands.

use super::model::State;
use super::repo::Withdrawal;
use crate::tracking::{self, BusinessEvent, EventName};
use chrono::{DateTime, Utc};
use kernel::error::Result;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use sea_orm::ConnectionTrait;
use serde::Serialize;

/// A withdrawal was asked for, or came to another state.
#[derive(Debug, Serialize)]
struct WithdrawalChanged {
    /// Which.
    id: WithdrawalId,
    /// Whose.
    user: UserId,
    /// Yuan.
    amount: Money,
    /// Where it stands now.
    state: State,
}

impl BusinessEvent for WithdrawalChanged {
    const NAME: EventName = EventName::WithdrawalChanged;

    fn subject(&self) -> String {
        format!("withdrawal:{}", self.id)
    }
}

/// Tells the world where the withdrawal stands.
pub(super) async fn announce(
    conn: &impl ConnectionTrait,
    withdrawal: &Withdrawal,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = WithdrawalChanged {
        id: withdrawal.id,
        user: withdrawal.user_id,
        amount: withdrawal.amount,
        state: withdrawal.state,
    };
    tracking::announce(conn, now, &[event]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::wire;

    #[test]
    fn a_withdrawal_is_announced_so() {
        let changed = WithdrawalChanged {
            id: "0192f0c1-0000-7000-8000-000000000002".parse().unwrap(),
            user: "0192f0c1-0000-7000-8000-000000000001".parse().unwrap(),
            amount: Money::from_fen(2_000),
            state: State::WaitUserConfirm,
        };
        assert_eq!(
            wire(&changed),
            r#"{"command":"withdrawal_changed","body":{"id":"0192f0c1-0000-7000-8000-000000000002","user":"0192f0c1-0000-7000-8000-000000000001","amount":"20.00","state":"wait_user_confirm"}}"#
        );
    }
}
