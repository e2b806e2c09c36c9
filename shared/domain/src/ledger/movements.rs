//! The statement of a wallet, as users and operators ask for it.

use super::repo;
pub use super::repo::movements::{Movement, MovementKind};
use kernel::Context;
use kernel::dates::{DateFilter, LONGEST_RANGE};
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::page::{Page, Paged};

/// What moved a user's wallet from one date to another, both included, newest first; of one kind, or of all.
///
/// # Errors
/// 1403 for no range of dates, 1404 without a wallet.
pub async fn list_movements(
    context: &Context,
    user: UserId,
    dates: DateFilter,
    kind: Option<MovementKind>,
    page: Page,
) -> Result<Paged<Movement>> {
    let range = dates.range(context.clock.today(), LONGEST_RANGE)?;
    let conn = context.db.read();
    repo::wallets::wallet(conn, user)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    repo::movements::list(conn, user, range, kind, page).await
}
