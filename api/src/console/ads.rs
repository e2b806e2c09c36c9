//! Ad revenue: what came in, and what operators enter afterwards.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, answer, paged};
use crate::http::paging::Paging;
use crate::http::schema::Text;
use chrono::{DateTime, Utc};
use domain::identity::role::Permission;
use domain::settlement::ads::{self, Revenue, Supplement, Supplemented};
use domain::settlement::batches;
use kernel::clock::BusinessDate;
use kernel::id::{BatchId, RunId};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

pub struct AdsApi;

/// A batch.
#[derive(Object)]
struct AdBatch {
    id: Text<BatchId>,
    settle_date: Text<BusinessDate>,
    /// 0 for the date's first, from 1 on for later ones.
    batch_no: i32,
    /// `partner` or `operator`.
    source: String,
    /// `waiting`, `settled`, `voided` or, when its run was taken back, `reversed`.
    state: String,
    /// The name of the operator who entered it.
    entered_by: Option<String>,
    /// Groups whose revenue is paid.
    accepted: i32,
    /// Codes of groups whose revenue is not, the first hundred.
    unknown: Any<Value>,
    /// How many they are.
    unknown_count: i32,
    /// Yuan of the groups that are paid, at most four places.
    revenue: String,
    received_at: DateTime<Utc>,
    /// The run that settled it; null while it waits.
    run_id: Option<Text<RunId>>,
    voided_at: Option<DateTime<Utc>>,
    /// The name of the operator who voided it.
    voided_by: Option<String>,
    void_reason: Option<String>,
}

/// A supplementary batch.
#[derive(Object)]
struct AdSupplement {
    /// A date that has its first batch.
    settle_date: Text<BusinessDate>,
    /// Why; kept in the audit trail.
    reason: String,
    data: Vec<GroupRevenue>,
    /// The batch that paid some of these groups last, where they are meant to be paid again.
    confirm_repeat: Option<Text<BatchId>>,
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
    id: Text<BatchId>,
    /// Its number within the date.
    batch_no: i32,
    /// Groups whose revenue will be paid.
    accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    unknown: Any<Value>,
}

#[derive(Object)]
struct AdVoiding {
    /// Why; kept with the batch.
    reason: String,
}

impl From<batches::AdBatch> for AdBatch {
    fn from(batch: batches::AdBatch) -> Self {
        AdBatch {
            id: batch.id.into(),
            settle_date: batch.settle_date.into(),
            batch_no: batch.batch_no,
            source: batch.source,
            state: batch.state,
            entered_by: batch.entered_by,
            accepted: batch.accepted,
            unknown: Any(batch.unknown),
            unknown_count: batch.unknown_count,
            revenue: batch.revenue.to_string(),
            received_at: batch.received_at,
            run_id: batch.run_id.map(Text),
            voided_at: batch.voided_at,
            voided_by: batch.voided_by,
            void_reason: batch.void_reason,
        }
    }
}

impl From<Supplemented> for AdAcceptance {
    fn from(batch: Supplemented) -> Self {
        AdAcceptance {
            id: batch.id.into(),
            batch_no: batch.batch_no,
            accepted: batch.accepted,
            unknown: Any(batch.unknown),
        }
    }
}

#[OpenApi(prefix_path = "/api/console/settlement/ads", tag = "Area::Settlement")]
impl AdsApi {
    /// List batches, newest date first
    #[oai(path = "/", method = "get")]
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        settle_date: Query<Option<Text<BusinessDate>>>,
        page: Paging,
    ) -> Answer<Vec<AdBatch>> {
        operator.must(Permission::Read)?;
        let date = settle_date.0.map(|date| date.0);
        paged(batches::list(edge.db.read(), date, page.0).await?)
    }

    /// Enter a supplementary batch
    ///
    /// It is settled by a run of its own. The same key with the same body returns the first answer. What one operator may
    /// enter alone, in a batch and in a day, is bounded. Groups that the date has paid before are refused with 1409, the
    /// groups and the batches that paid them in `data`, unless `confirm_repeat` names the batch that paid them last.
    #[oai(path = "/", method = "post")]
    async fn supplement(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<AdSupplement>,
    ) -> Answer<AdAcceptance> {
        operator.must(Permission::Book)?;
        let entries = body.0.data.into_iter();
        let revenues = entries.map(|entry| Revenue::new(entry.group_code, &entry.amount));
        let new = Supplement {
            settle_date: body.0.settle_date.0,
            revenues: revenues.collect::<kernel::Result<_>>()?,
            reason: body.0.reason,
            confirm_repeat: body.0.confirm_repeat.map(|id| id.0),
        };
        let batch = ads::supplement(edge.context(), operator.id, new, key.0.as_deref()).await?;
        answer(batch.into())
    }

    /// Void a batch that no run has settled
    ///
    /// It pays nobody. When it was the partner's, the partner may hand in the date again. Once more changes nothing.
    #[oai(path = "/:id/void", method = "post")]
    async fn void(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        id: Path<Text<BatchId>>,
        body: Body<AdVoiding>,
    ) -> Answer<AdBatch> {
        operator.must(Permission::Book)?;
        let batch = ads::void(edge.context(), operator.id, id.0.0, &body.0.reason).await?;
        answer(batch.into())
    }
}
