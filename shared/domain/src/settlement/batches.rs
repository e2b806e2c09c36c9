//! Ads batches as operators see them.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::{BatchId, RunId};
use kernel::listing::Listing;
use kernel::page::{Page, Paged};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A batch and what became of it.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct AdBatch {
    pub id: BatchId,
    pub settle_date: BusinessDate,
    /// 0 for the partner's, from 1 on for supplementary ones.
    pub batch_no: i32,
    /// `partner` or `operator`.
    pub source: String,
    /// Groups whose revenue is paid.
    pub accepted: i32,
    /// Codes that are not.
    pub unknown: serde_json::Value,
    /// Yuan of the groups that are paid.
    pub revenue: Decimal,
    pub received_at: DateTime<Utc>,
    /// The run that settled it, once there is one.
    pub run_id: Option<RunId>,
}

/// Batches, newest date first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list(
    conn: &impl ConnectionTrait,
    settle_date: Option<BusinessDate>,
    page: Page,
) -> Result<Paged<AdBatch>> {
    let listing = Listing {
        columns:
            "b.id, b.settle_date, b.batch_no, b.source, b.accepted, b.unknown, b.received_at, r.id AS run_id,
                  (SELECT coalesce(sum(amount) FILTER (WHERE group_id IS NOT NULL), 0)
                   FROM ad_revenues WHERE batch_id = b.id) AS revenue",
        from: "ad_batches AS b LEFT JOIN settlement_runs AS r
                   ON r.kind = 'ads' AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no
               WHERE ($1::date IS NULL OR b.settle_date = $1)",
        order: "b.settle_date DESC, b.batch_no DESC",
    };
    listing.page(conn, vec![settle_date.into()], page).await
}
