//! Withdrawals in lists.

use super::model::ShownState;
use super::repo::lists;
pub use super::repo::lists::{ConsoleWithdrawal, WithdrawalColumn, WithdrawalFilter};
use super::view::WithdrawalView;
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::{UserId, WithdrawalId};
use kernel::page::{Page, Paged};

/// A user's own withdrawals, all or those shown in this state, newest first.
pub async fn list_for_user(
    context: &Context,
    user: UserId,
    state: Option<ShownState>,
    page: Page,
) -> Result<Paged<WithdrawalView>> {
    let Paged { rows, info } = lists::of_user(context.db.read(), user, state, page).await?;
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
pub async fn list_for_console(
    context: &Context,
    filters: WithdrawalFilter,
    page: Page,
) -> Result<Paged<ConsoleWithdrawal>> {
    lists::all(context.db.read(), &filters, page).await
}

/// Whether the user has a request that is pending or was paid: the H5 page then no longer offers the first-time amount.
pub async fn has_withdrawn(context: &Context, user: UserId) -> Result<bool> {
    lists::any_pending_or_paid(context.db.read(), user).await
}
