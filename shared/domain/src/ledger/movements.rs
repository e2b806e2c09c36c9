//! The statement of a wallet, as users and operators ask for it.

use super::repo;
pub use super::repo::movements::{Movement, MovementKind};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::date_range::DateRange;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::page::{Page, Paged};

/// Days of a statement unless told.
const USUAL_DAYS: u64 = 30;

/// What moved a user's wallet from one date to another, both included, newest first; of one kind, or of all.
///
/// # Errors
/// 1403 for no range of dates, 1404 without a wallet.
pub async fn list_movements(
    context: &Context,
    user: UserId,
    (from, to): (Option<BusinessDate>, Option<BusinessDate>),
    kind: Option<MovementKind>,
    page: Page,
) -> Result<Paged<Movement>> {
    let range = DateRange::new(from, to, context.clock.today(), USUAL_DAYS)?;
    let conn = context.db.autocommit();
    repo::wallets::wallet(conn, user)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    repo::movements::list(conn, user, range, kind, page).await
}
