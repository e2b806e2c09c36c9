//! The outbox as operators see it, and what they do about messages that did not arrive.

use super::repo::outbox;
pub use super::repo::outbox::{OutboxColumn, OutboxFilter, STATES, Sent};
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::error::Result;
use kernel::id::{MessageId, OperatorId};
use kernel::listing::one_of;
use kernel::outbox::Destination;
use kernel::page::{Page, Paged};
use sea_orm::ConnectionTrait;

/// Messages.
///
/// # Errors
/// 1403 naming `state` or `destination`; what PostgreSQL says.
pub async fn list(conn: &impl ConnectionTrait, filter: OutboxFilter, page: Page) -> Result<Paged<Sent>> {
    one_of("state", filter.state.as_deref(), &STATES)?;
    let destinations = Destination::ALL.map(Destination::name);
    one_of("destination", filter.destination.as_deref(), &destinations)?;
    outbox::list(conn, filter, page).await
}

/// Sends messages that failed, or may have, once more. Tells which; all others are left alone.
///
/// # Errors
/// 1403 naming `ids`; what PostgreSQL says.
pub async fn retry(context: &Context, operator: OperatorId, ids: &[MessageId]) -> Result<Vec<MessageId>> {
    check_count("ids", ids.len())?;
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let retried = outbox::retry(&txn, ids, now).await?;
    let detail = serde_json::json!({ "ids": retried });
    audit::record(&txn, operator, "retry_outbox", "outbox", detail, now).await?;
    txn.commit().await?;
    Ok(retried)
}
