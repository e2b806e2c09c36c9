//! Dead messages of the inbox.

use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::Result;
use kernel::listing::{Conditions, Listing};
use kernel::page::{Page, Paged};
use kernel::secret::mask_link_tokens;
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Bytes of a dead message that lists show.
const SHOWN_OF_BODY: i32 = 4096;

/// A dead message.
#[derive(Debug, FromQueryResult, serde::Serialize, Object)]
pub struct DeadLetter {
    /// Order of arrival.
    pub id: i64,
    /// The chat network it came by.
    pub network: String,
    /// The command, or `malformed`.
    pub command: String,
    /// Its text, as far as it is one, up to the first 4096 bytes.
    pub body: String,
    /// How many bytes it had when it arrived.
    pub size: i64,
    /// Why it is here.
    pub reason: String,
    /// Failed tries.
    pub attempts: i32,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// Which dead messages; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct DeadLetterFilter {
    /// The command, or `malformed`.
    pub command: Option<String>,
    /// Why it is here, whole: a part of it would let its secrets be guessed sign by sign.
    pub reason: Option<String>,
    /// When it arrived.
    pub received: DateFilter,
    /// In which order.
    pub sort: Sort<DeadLetterColumn>,
}

kernel::sortable! {
    /// What dead messages are sorted by.
    pub enum DeadLetterColumn: descending(Id), then ["id"] {
        /// The order they arrived in.
        Id = "id" => "id",
    }
}

/// Dead messages with the tokens of our links masked.
pub async fn list(context: &Context, filter: DeadLetterFilter, page: Page) -> Result<Paged<DeadLetter>> {
    let columns = format!(
        "id, network, command, encode(substring(body FROM 1 FOR {SHOWN_OF_BODY}), 'escape') AS body,
         coalesce(full_size, octet_length(body)) AS size, coalesce(outcome, '') AS reason, attempts, received_at"
    );
    let listing = Listing {
        columns: &columns,
        from: "inbox_messages",
        order: &filter.sort.sql(),
    };
    let conditions = Conditions::default()
        .always("state = 'dead'")
        .when("command = {}", filter.command)
        .when("outcome = {}", filter.reason)
        .between("received_at >= {}", "received_at < {}", filter.received);
    let mut found: Paged<DeadLetter> = listing.page_where(context.db.read(), conditions, page).await?;
    for letter in &mut found.rows {
        // People send robots the links that robots sent them.
        letter.body = mask_link_tokens(&letter.body).into_owned();
        letter.reason = mask_link_tokens(&letter.reason).into_owned();
    }
    Ok(found)
}

/// Puts dead messages back in line. Tells which were.
pub(in crate::operations) async fn replay(
    conn: &impl ConnectionTrait,
    ids: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<i64>> {
    let sql =
        "UPDATE inbox_messages SET state = 'pending', attempts = 0, next_attempt_at = $2, finished_at = NULL
               WHERE id = ANY($1) AND state = 'dead' RETURNING id";
    db::fetch_column(conn, sql, [ids.into(), now.into()]).await
}

/// Gives dead messages up. Tells which were.
pub(in crate::operations) async fn discard(
    conn: &impl ConnectionTrait,
    ids: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<i64>> {
    let sql = "UPDATE inbox_messages SET state = 'discarded', finished_at = $2 WHERE id = ANY($1) AND state = 'dead' RETURNING id";
    db::fetch_column(conn, sql, [ids.into(), now.into()]).await
}
