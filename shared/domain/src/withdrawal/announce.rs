//! Whoever listens hears where a withdrawal stands.

use super::repo::Withdrawal;
use crate::tracking::{self, BusinessEvent};
use chrono::{DateTime, Utc};
use kernel::error::Result;
use sea_orm::ConnectionTrait;

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
