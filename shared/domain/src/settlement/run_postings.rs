//! Postings as operators look for them, those of a run among them.

use super::repo::runs;
use crate::ledger::{self, PostingEntry, PostingFilter};
use kernel::Context;
use kernel::dates::DateFilter;
use kernel::error::Result;
use kernel::page::{Page, Paged};

/// Postings with their lines. Postings are found by their date, and a run writes on one date only: where a run is asked for
/// without dates, they are looked for on its date.
///
/// # Errors
/// 1404 when there is no such run.
pub async fn list_postings(
    context: &Context,
    mut filter: PostingFilter,
    page: Page,
) -> Result<Paged<PostingEntry>> {
    if let (Some(run), true) = (filter.run, filter.booked == DateFilter::default()) {
        let run = runs::run(context.db.read(), run).await?;
        filter.booked = DateFilter::only(run.settle_date);
    }
    ledger::postings(context, filter, page).await
}
