//! Messages of the outbox.

use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::any_json::AnyJson;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::Result;
use kernel::id::MessageId;
use kernel::listing::{Conditions, Listing};
use kernel::outbox::{Destination, MessageState};
use kernel::page::{Page, Paged};
use kernel::secret::{mask_link_tokens, mask_link_tokens_in};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// A message.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[oai(rename = "OutboxMessage")]
#[allow(missing_docs)]
pub struct Sent {
    pub id: MessageId,
    pub destination: Destination,
    /// Routing key or command.
    pub topic: String,
    /// What it stays in order with.
    pub lane: String,
    /// What is its receiver's alone shows as `***`. Null for SMS, which name a phone.
    pub payload: Option<AnyJson>,
    pub state: MessageState,
    pub attempts: i32,
    pub next_attempt_at: DateTime<Utc>,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it arrived, or was given up.
    pub delivered_at: Option<DateTime<Utc>>,
}

impl Sent {
    /// Rows of before there was a seal have their secrets in the payload, and partners repeat them in complaints.
    fn mask(&mut self) {
        if let Some(payload) = &mut self.payload {
            mask_link_tokens_in(&mut payload.0);
        }
        if let Some(error) = &mut self.last_error {
            *error = mask_link_tokens(error).into_owned();
        }
    }
}

/// Which messages; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct OutboxFilter {
    /// What became of it.
    pub state: Option<MessageState>,
    /// Where it goes to.
    pub destination: Option<Destination>,
    /// Routing key or command, whole.
    pub topic: Option<String>,
    /// When it was written.
    pub created: DateFilter,
    /// In which order.
    pub sort: Sort<OutboxColumn>,
}

kernel::sortable! {
    /// What messages are sorted by.
    pub enum OutboxColumn: descending(Seq), then ["seq"] {
        /// The order they were written in.
        Seq = "seq" => "seq",
    }
}

/// Messages.
pub async fn list(context: &Context, filter: OutboxFilter, page: Page) -> Result<Paged<Sent>> {
    let listing = Listing {
        columns: "id, destination, topic, lane, CASE WHEN destination <> 'sms' THEN payload END AS payload, state, attempts,
                  next_attempt_at, last_error, created_at, delivered_at",
        from: "outbox",
        order: &filter.sort.sql(),
    };
    let conditions = Conditions::default()
        .when("state = {}", filter.state)
        .when("destination = {}", filter.destination)
        .when("topic = {}", filter.topic)
        .between("created_at >= {}", "created_at < {}", filter.created);
    let mut found: Paged<Sent> = listing.page_where(context.db.read(), conditions, page).await?;
    found.rows.iter_mut().for_each(Sent::mask);
    Ok(found)
}

/// Puts messages that failed, or may have, back in line. Tells which were.
pub(in crate::operations) async fn retry(
    conn: &impl ConnectionTrait,
    ids: &[MessageId],
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let sql = "UPDATE outbox SET state = 'pending', attempts = 0, next_attempt_at = $2, delivered_at = NULL, in_flight = false
               WHERE id = ANY($1) AND state IN ('failed', 'unknown') RETURNING id";
    db::fetch_column(conn, sql, [ids.into(), now.into()]).await
}
