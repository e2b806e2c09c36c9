//! Ads batches as operators see them.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{BatchId, RunId};
use kernel::listing::Listing;
use kernel::page::{Page, Paged};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Codes named of those that are not paid.
const NAMED: usize = 100;

kernel::named! {
    /// Whose batch of ad revenue it is.
    pub enum BatchSource {
        /// The partner's.
        Partner = "partner",
        /// An operator entered it.
        Operator = "operator",
    }
}

kernel::named! {
    /// What became of a batch of ad revenue.
    pub enum BatchState {
        /// It waits for its run.
        Waiting = "waiting",
        /// A run paid it.
        Settled = "settled",
        /// An operator voided it before its run.
        Voided = "voided",
        /// Its run was taken back.
        Reversed = "reversed",
    }
}

/// A batch and what became of it.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct AdBatch {
    pub id: BatchId,
    pub settle_date: BusinessDate,
    /// 0 for the date's first, from 1 on for later ones.
    pub batch_no: i32,
    pub source: BatchSource,
    pub state: BatchState,
    /// The name of the operator who entered it.
    pub entered_by: Option<String>,
    /// Groups whose revenue is paid.
    pub accepted: i32,
    /// Codes that are not, the first hundred.
    pub unknown: serde_json::Value,
    /// How many they are.
    pub unknown_count: i32,
    /// Yuan of the groups that are paid.
    pub revenue: Decimal,
    pub received_at: DateTime<Utc>,
    /// The run that settled it, once there is one.
    pub run_id: Option<RunId>,
    pub voided_at: Option<DateTime<Utc>>,
    /// The name of the operator who voided it.
    pub voided_by: Option<String>,
    pub void_reason: Option<String>,
}

fn columns() -> String {
    format!(
        "b.id, b.settle_date, b.batch_no, b.source, entered.name AS entered_by, b.accepted, b.received_at, r.id AS run_id,
         jsonb_path_query_array(b.unknown, '$[0 to {last}]') AS unknown, jsonb_array_length(b.unknown) AS unknown_count,
         CASE WHEN b.voided_at IS NULL THEN CASE WHEN r.id IS NULL THEN 'waiting' ELSE 'settled' END
              WHEN r.id IS NULL THEN 'voided' ELSE 'reversed' END AS state,
         coalesce(b.revenue, (SELECT coalesce(sum(amount) FILTER (WHERE group_id IS NOT NULL), 0)
                              FROM ad_revenues WHERE batch_id = b.id)) AS revenue,
         b.voided_at, voider.name AS voided_by, b.void_reason",
        last = NAMED - 1,
    )
}

const FROM: &str = "ad_batches AS b
    LEFT JOIN settlement_runs AS r ON r.kind = 'ads' AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no
    LEFT JOIN operators AS entered ON entered.id = b.entered_by
    LEFT JOIN operators AS voider ON voider.id = b.voided_by";

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
        columns: &columns(),
        from: &format!("{FROM} WHERE ($1::date IS NULL OR b.settle_date = $1)"),
        order: "b.settle_date DESC, b.batch_no DESC",
    };
    listing.page(conn, vec![settle_date.into()], page).await
}

/// One batch.
///
/// # Errors
/// 1404 when there is none.
pub async fn by_id(conn: &impl ConnectionTrait, id: BatchId) -> Result<AdBatch> {
    let sql = format!("SELECT {} FROM {FROM} WHERE b.id = $1", columns());
    let found = db::fetch_optional(conn, &sql, [id.into()]).await?;
    found.ok_or_else(|| Error::not_found("ads batch"))
}
