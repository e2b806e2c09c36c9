//! Ad revenue: what came in, and what operators enter afterwards.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use shared::identity::role::Permission;
use shared::kernel::clock::BusinessDate;
use shared::kernel::id::{BatchId, RunId};
use shared::settlement::ads::{self, Acceptance, Revenue};
use shared::settlement::batches;

pub struct AdsApi;

/// A batch.
#[derive(Object)]
struct AdBatch {
    id: BatchId,
    settle_date: BusinessDate,
    /// 0 for the partner's, from 1 on for supplementary ones.
    batch_no: i32,
    /// `partner` or `operator`.
    source: String,
    /// Groups whose revenue is paid.
    accepted: i32,
    /// Codes of groups whose revenue is not.
    unknown: Vec<String>,
    /// Yuan of the groups that are paid, at most four places.
    revenue: String,
    received_at: DateTime<Utc>,
    /// The run that settled it; null while it waits.
    run_id: Option<RunId>,
}

/// A supplementary batch.
#[derive(Object)]
struct AdSupplement {
    /// A date that has its first batch.
    settle_date: BusinessDate,
    /// Why; kept in the audit trail.
    #[oai(validator(min_length = 1))]
    reason: String,
    data: Vec<GroupRevenue>,
}

/// Revenue of one group.
#[derive(Object)]
struct GroupRevenue {
    group_code: String,
    /// Yuan, a decimal string of at most four places.
    amount: String,
}

/// What was taken in.
#[derive(Object)]
struct AdAcceptance {
    /// Groups whose revenue will be paid.
    accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    unknown: Vec<String>,
}

impl From<batches::AdBatch> for AdBatch {
    fn from(batch: batches::AdBatch) -> Self {
        AdBatch {
            id: batch.id,
            settle_date: batch.settle_date,
            batch_no: batch.batch_no,
            source: batch.source,
            accepted: batch.accepted,
            unknown: serde_json::from_value(batch.unknown).unwrap_or_default(),
            revenue: batch.revenue.to_string(),
            received_at: batch.received_at,
            run_id: batch.run_id,
        }
    }
}

impl From<Acceptance> for AdAcceptance {
    fn from(acceptance: Acceptance) -> Self {
        AdAcceptance {
            accepted: acceptance.accepted,
            unknown: serde_json::from_value(acceptance.unknown).unwrap_or_default(),
        }
    }
}

#[OpenApi(prefix_path = "/api/console/settlement/ads", tag = "Area::Settlement")]
impl AdsApi {
    /// List batches, newest date first
    ///
    /// The partner's, and those operators entered afterwards.
    #[oai(path = "/", method = "get", operation_id = "listAdBatches")]
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Of this date only.
        settle_date: Query<Option<BusinessDate>>,
        page: Paging,
    ) -> PageOf<Vec<AdBatch>> {
        operator.must(Permission::Read)?;
        let date = settle_date.0;
        paged(batches::list(edge.db.read(), date, page.0).await?)
    }

    /// Enter a supplementary batch
    ///
    /// It is settled by a run of its own.
    #[oai(path = "/", method = "post", operation_id = "supplementAdBatch")]
    async fn supplement(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        body: Body<AdSupplement>,
    ) -> Answer<AdAcceptance> {
        operator.must(Permission::Book)?;
        let AdSupplement {
            settle_date,
            reason,
            data,
        } = body.0;
        let revenues: shared::Result<Vec<_>> = data
            .into_iter()
            .map(|entry| Revenue::new(entry.group_code, &entry.amount))
            .collect();
        let acceptance =
            ads::supplement(edge.context(), operator.id, settle_date, revenues?, &reason).await?;
        answer(acceptance.into())
    }
}
