//! Withdrawals in lists.

pub use super::repo::lists::{ConsoleFilters, ConsoleWithdrawal, SortKey};
pub use super::repo::reviews::ReviewEntry;
use super::repo::{lists, reviews};
use super::view::WithdrawalView;
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::{UserId, WithdrawalId};
use kernel::page::{Page, Paged};
use serde::Serialize;

/// A user's own withdrawals, newest first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list_for_user(context: &Context, user: UserId, page: Page) -> Result<Paged<WithdrawalView>> {
    let Paged { rows, info } = lists::of_user(context.db.read(), user, page).await?;
    let view = |row| WithdrawalView::new(row, &context.config.wxpay);
    Ok(Paged {
        rows: rows.into_iter().map(view).collect(),
        info,
    })
}

/// One of a user's own withdrawals.
///
/// # Errors
/// 1404 when there is none, or it is somebody else's.
pub async fn get(context: &Context, user: UserId, id: WithdrawalId) -> Result<WithdrawalView> {
    let row = lists::one_of_user(context.db.read(), user, id).await?;
    let row = row.ok_or_else(|| Error::not_found("withdrawal"))?;
    Ok(WithdrawalView::new(row, &context.config.wxpay))
}

/// Withdrawals by any of the filters.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list_for_console(
    context: &Context,
    filters: &ConsoleFilters,
    page: Page,
) -> Result<Paged<ConsoleWithdrawal>> {
    lists::all(context.db.read(), filters, page).await
}

/// A withdrawal with what operators decided about it.
#[derive(Debug, Serialize)]
pub struct ConsoleDetail {
    /// As in the list.
    #[serde(flatten)]
    pub withdrawal: ConsoleWithdrawal,
    /// The decisions, oldest first.
    pub reviews: Vec<ReviewEntry>,
}

/// One withdrawal for operators.
///
/// # Errors
/// 1404 when there is none.
pub async fn get_for_console(context: &Context, id: WithdrawalId) -> Result<ConsoleDetail> {
    let conn = context.db.read();
    let withdrawal = lists::one(conn, id).await?;
    Ok(ConsoleDetail {
        withdrawal: withdrawal.ok_or_else(|| Error::not_found("withdrawal"))?,
        reviews: reviews::of(conn, id).await?,
    })
}

/// Whether the user has a request that is pending or was paid: the H5 page then no longer offers the first-time amount.
///
/// # Errors
/// What PostgreSQL says.
pub async fn has_withdrawn(context: &Context, user: UserId) -> Result<bool> {
    lists::any_pending_or_paid(context.db.read(), user).await
}
