//! One posting with what it belongs to.

use super::model::Origin;
use super::repo::posting_list::{self, PostingEntry};
use super::repo::postings;
use super::repo::slips::{self, PostingSlip};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::PostingId;
use poem_openapi::Object;

/// A posting and what it belongs to.
#[derive(Debug, Object)]
pub struct PostingDetail {
    /// The posting with its lines.
    #[oai(flatten)]
    pub posting: PostingEntry,
    /// What made it; of a settlement, `run_id` says so.
    pub origin: Origin,
    /// The slip that shows it to the user; null for holds and releases.
    pub slip: Option<PostingSlip>,
}

/// One posting for an operator.
///
/// # Errors
/// 1404 when there is none, or its month is in the archive.
pub async fn get_posting(context: &Context, id: PostingId) -> Result<PostingDetail> {
    let conn = context.db.read();
    let not_found = || Error::not_found("posting");
    let booked_on = postings::booked_on(conn, id).await?.ok_or_else(not_found)?;
    let posting = posting_list::one(conn, booked_on, id)
        .await?
        .ok_or_else(not_found)?;
    let slip = match posting.user_id {
        Some(user) => slips::of_posting(conn, user, booked_on, id).await?,
        None => None,
    };
    Ok(PostingDetail {
        origin: Origin::of_key(&posting.key),
        slip,
        posting,
    })
}
