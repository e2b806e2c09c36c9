//! Business events.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use kernel::outbox::{self, Destination, Message};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use transport::CancelReason;

/// What BI hears of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "command", content = "body", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum BusinessEvent {
    UserRegistered {
        user: UserId,
    },
    GroupBound {
        group: String,
        user: UserId,
    },
    StarChanged {
        group: String,
        user: UserId,
        star: i16,
        state: i16,
    },
    GroupCancelled {
        group: String,
        user: UserId,
        reason: CancelReason,
    },
    SettlementPosted {
        kind: String,
        settle_date: BusinessDate,
        batch_no: i32,
        slips: i64,
        total: Money,
    },
    WithdrawalChanged {
        id: WithdrawalId,
        user: UserId,
        amount: Money,
        state: String,
    },
}

impl BusinessEvent {
    /// The routing key.
    pub fn name(&self) -> &'static str {
        match self {
            BusinessEvent::UserRegistered { .. } => "user_registered",
            BusinessEvent::GroupBound { .. } => "group_bound",
            BusinessEvent::StarChanged { .. } => "star_changed",
            BusinessEvent::GroupCancelled { .. } => "group_cancelled",
            BusinessEvent::SettlementPosted { .. } => "settlement_posted",
            BusinessEvent::WithdrawalChanged { .. } => "withdrawal_changed",
        }
    }

    fn lane(&self) -> String {
        match self {
            BusinessEvent::UserRegistered { user } => format!("event:user:{user}"),
            BusinessEvent::GroupBound { group, .. }
            | BusinessEvent::StarChanged { group, .. }
            | BusinessEvent::GroupCancelled { group, .. } => format!("event:group:{group}"),
            BusinessEvent::SettlementPosted { settle_date, .. } => format!("event:settlement:{settle_date}"),
            BusinessEvent::WithdrawalChanged { id, .. } => format!("event:withdrawal:{id}"),
        }
    }
}

/// Writes events to the outbox, in the transaction that made them true.
pub async fn announce(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    events: Vec<BusinessEvent>,
) -> Result<()> {
    let messages = events
        .iter()
        .map(|event| Message::new(Destination::Event, event.name(), event.lane(), event))
        .collect::<Result<Vec<_>>>()?;
    outbox::push(conn, now, messages).await
}
