//! Business events: what BI hears of. A room announces its own, with its own types; here stand their names.

use chrono::{DateTime, Utc};
use kernel::error::Result;
use kernel::outbox::{self, Destination, Message};
use sea_orm::ConnectionTrait;
use serde::Serialize;

kernel::named! {
    /// Every business event by its name, which is its routing key too. `mq.bi_keys` has them all by default: what it does
    /// not have, BI never sees.
    pub enum EventName {
        /// Somebody became a user.
        UserRegistered = "user_registered",
        /// A robot's stay in a group began.
        GroupBound = "group_bound",
        /// A group was rated.
        StarChanged = "star_changed",
        /// A robot's stay in a group ended.
        GroupCancelled = "group_cancelled",
        /// A settlement run was posted.
        SettlementPosted = "settlement_posted",
        /// A withdrawal was asked for, or came to another state.
        WithdrawalChanged = "withdrawal_changed",
    }
}

/// What happened. It goes out as `{command, body}`: its name, and what it serializes to.
pub trait BusinessEvent: Serialize {
    /// What it is called.
    const NAME: EventName;

    /// What it is about, like `user:{id}`. Events about the same are delivered in the order in which they were announced.
    fn subject(&self) -> String;
}

#[derive(Serialize)]
struct Announcement<'a, E> {
    command: EventName,
    body: &'a E,
}

/// Writes events to the outbox, in the transaction that made them true.
///
/// # Errors
/// When the database refuses.
pub async fn announce<E: BusinessEvent>(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    events: &[E],
) -> Result<()> {
    let messages = events.iter().map(message).collect::<Result<Vec<_>>>()?;
    outbox::push(conn, now, messages).await
}

fn message<E: BusinessEvent>(event: &E) -> Result<Message> {
    let lane = format!("event:{}", event.subject());
    Message::new(Destination::Event, E::NAME.name(), lane, &announcement(event))
}

fn announcement<E: BusinessEvent>(event: &E) -> Announcement<'_, E> {
    Announcement {
        command: E::NAME,
        body: event,
    }
}

/// What BI reads, for the tests of the rooms that announce.
#[cfg(test)]
pub(crate) fn wire<E: BusinessEvent>(event: &E) -> String {
    serde_json::to_string(&announcement(event)).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bi_hears_of_every_event_by_default() {
        let defaults = include_str!("../../../../config/default.toml");
        let layers = config::Config::builder()
            .add_source(config::File::from_str(defaults, config::FileFormat::Toml))
            .build()
            .unwrap();
        let mut keys: Vec<String> = layers.get("mq.bi_keys").unwrap();
        keys.sort();
        let mut names = EventName::ALL.map(EventName::name);
        names.sort_unstable();
        assert_eq!(keys, names, "left mq.bi_keys, right the events");
    }
}
