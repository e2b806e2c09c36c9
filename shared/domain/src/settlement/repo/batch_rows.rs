//! What an ads batch holds.

use super::batch_list;
use kernel::Context;
use kernel::error::Result;
use kernel::id::{BatchId, GroupId, UserId};
use kernel::listing::Listing;
use kernel::money::Share;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::FromQueryResult;

/// Revenue of one group in a batch.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "AdBatchRow")]
pub struct BatchRow {
    /// The group's code, as it was handed in.
    pub group_code: String,
    /// Whose revenue it is: the stay that is paid. Null where nobody is.
    pub group_id: Option<GroupId>,
    /// The group's name today.
    pub group_name: Option<String>,
    /// Who pulled it.
    pub user_id: Option<UserId>,
    /// Yuan, six places.
    pub amount: Share,
}

/// The rows of a batch by code: those that are paid, those that are not, or all.
///
/// # Errors
/// 1404 when there is no such batch.
pub async fn list_rows(
    context: &Context,
    batch: BatchId,
    paid: Option<bool>,
    page: Page,
) -> Result<Paged<BatchRow>> {
    let conn = context.db.read();
    batch_list::one(conn, batch).await?;
    let listing = Listing {
        columns: "r.group_code, r.group_id, g.name AS group_name, g.user_id, r.amount",
        from: "ad_revenues AS r LEFT JOIN groups AS g ON g.id = r.group_id
               WHERE r.batch_id = $1 AND ($2::boolean IS NULL OR (r.group_id IS NOT NULL) = $2)",
        order: "r.group_code",
    };
    listing.page(conn, vec![batch.into(), paid.into()], page).await
}
