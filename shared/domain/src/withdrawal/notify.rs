//! The partner says that something happened. It is asked what.

use super::query::ask;
use super::repo::{self, claims};
use kernel::Context;
use kernel::error::Result;
use partners::Partners;

/// A notification came about this bill: a hint, nothing more. It may come twice, late, early, or about nothing of ours;
/// none of that harms. The hint is kept before the query is made, so that it outlives us.
///
/// # Errors
/// 1500 when this process cannot pay; 503 when PostgreSQL is away.
pub async fn notified(context: &Context, partners: &Partners, bill_no: &str) -> Result<()> {
    let conn = context.db.autocommit();
    let Some(withdrawal) = repo::by_bill_no(conn, bill_no).await? else {
        tracing::warn!(bill_no, "a notification about a bill that is not ours");
        return Ok(());
    };
    let now = context.clock.shared_now(conn).await?;
    // Nothing to ask while the call itself is under way, or when all is known.
    if !withdrawal.state.can_be_queried() || !claims::hint(conn, withdrawal.id, now).await? {
        return Ok(());
    }
    let connector = partners.wxpay()?;
    if withdrawal.connector.as_deref() == Some(connector.name()) {
        ask(context, connector, &withdrawal).await?;
    }
    Ok(())
}
