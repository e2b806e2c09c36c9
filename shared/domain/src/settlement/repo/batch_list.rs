//! Ads batches as operators see them.

use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{BatchId, RunId};
use kernel::listing::{Conditions, Listing};
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
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
        WaitingBatch = "waiting",
        /// A run paid it.
        Settled = "settled",
        /// An operator voided it before its run.
        Voided = "voided",
        /// Its run was taken back.
        Reversed = "reversed",
    }
}

/// A batch.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct AdBatch {
    pub id: BatchId,
    pub settle_date: BusinessDate,
    /// 0 for the date's first, from 1 on for later ones.
    pub batch_no: i32,
    /// `partner` or `operator`.
    pub source: BatchSource,
    /// `waiting`, `settled`, `voided` or, when its run was taken back, `reversed`.
    pub state: BatchState,
    /// The name of the operator who entered it.
    pub entered_by: Option<String>,
    /// Groups whose revenue is paid.
    pub accepted: i32,
    /// Codes of groups whose revenue is not, the first hundred.
    pub unknown: Vec<String>,
    /// How many they are.
    pub unknown_count: i32,
    /// Yuan of the groups that are paid, at most four places.
    pub revenue: String,
    pub received_at: DateTime<Utc>,
    /// The run that settled it; null while it waits.
    pub run_id: Option<RunId>,
    pub voided_at: Option<DateTime<Utc>>,
    /// The name of the operator who voided it.
    pub voided_by: Option<String>,
    pub void_reason: Option<String>,
}

/// Which batches; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Whose it is.
    pub source: Option<BatchSource>,
    /// What became of it.
    pub state: Option<BatchState>,
    /// Of which dates.
    pub settled: DateFilter,
    /// In which order.
    pub sort: Sort<BatchColumn>,
}

kernel::sortable! {
    /// What batches are sorted by.
    pub enum BatchColumn: descending(SettleDate), then ["b.batch_no", "b.id"] {
        /// The date it is for.
        SettleDate = "settle_date" => "b.settle_date",
        /// When it came in.
        ReceivedAt = "received_at" => "b.received_at",
    }
}

macro_rules! state {
    () => {
        "CASE WHEN b.voided_at IS NULL THEN CASE WHEN r.id IS NULL THEN 'waiting' ELSE 'settled' END
              WHEN r.id IS NULL THEN 'voided' ELSE 'reversed' END"
    };
}
const STATE: &str = state!();
const IN_STATE: &str = concat!(state!(), " = {}");

fn columns() -> String {
    format!(
        "b.id, b.settle_date, b.batch_no, b.source, entered.name AS entered_by, b.accepted, b.received_at, r.id AS run_id,
         ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(b.unknown, '$[0 to {last}]'))) AS unknown,
         jsonb_array_length(b.unknown) AS unknown_count,
         {STATE} AS state,
         coalesce(b.revenue, (SELECT coalesce(sum(amount) FILTER (WHERE group_id IS NOT NULL), 0)
                              FROM ad_revenues WHERE batch_id = b.id))::text AS revenue,
         b.voided_at, voider.name AS voided_by, b.void_reason",
        last = NAMED - 1,
    )
}

const FROM: &str = "ad_batches AS b
    LEFT JOIN settlement_runs AS r ON r.kind = 'ads' AND r.settle_date = b.settle_date AND r.batch_no = b.batch_no
    LEFT JOIN operators AS entered ON entered.id = b.entered_by
    LEFT JOIN operators AS voider ON voider.id = b.voided_by";

/// Batches.
pub async fn list(context: &Context, filter: BatchFilter, page: Page) -> Result<Paged<AdBatch>> {
    let listing = Listing {
        columns: &columns(),
        from: FROM,
        order: &filter.sort.sql(),
    };
    let conditions = Conditions::default()
        .when("b.source = {}", filter.source)
        .when(IN_STATE, filter.state)
        .when("b.settle_date >= {}", filter.settled.from)
        .when("b.settle_date <= {}", filter.settled.to);
    listing.page_where(context.db.read(), conditions, page).await
}

/// One batch, as operators ask for it.
///
/// # Errors
/// 1404 when there is none.
pub async fn by_id(context: &Context, id: BatchId) -> Result<AdBatch> {
    one(context.db.read(), id).await
}

/// One batch.
///
/// # Errors
/// 1404 when there is none.
pub(in crate::settlement) async fn one(conn: &impl ConnectionTrait, id: BatchId) -> Result<AdBatch> {
    let sql = format!("SELECT {} FROM {FROM} WHERE b.id = $1", columns());
    let found = db::fetch_optional(conn, &sql, [id.into()]).await?;
    found.ok_or_else(|| Error::not_found("ads batch"))
}
