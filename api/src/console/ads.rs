//! Ad revenue: what came in, and what operators enter afterwards.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::decimal;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, amount, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use crate::http::reason::Reason;
use domain::identity::Permission;
use domain::settlement::ads::{
    self, AdBatch, BatchColumn, BatchFilter, BatchRow, BatchSource, BatchState, Revenue, Supplement,
    Supplemented,
};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::BatchId;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use transport::GroupCode;

pub struct AdsApi;

filters! {
    /// Which batches.
    struct BatchQuery {
        /// Where it came from.
        source: BatchSource,
        /// What became of it.
        state: BatchState,
    }
}

impl BatchQuery {
    fn filter(self, settled: FromTo, sort: Sorting<BatchColumn>) -> BatchFilter {
        BatchFilter {
            source: self.source,
            state: self.state,
            settled: settled.0,
            sort: sort.0,
        }
    }
}

/// A supplementary batch.
#[derive(Object)]
struct AdSupplement {
    /// A date that has its first batch.
    settle_date: BusinessDate,
    /// Why; kept in the audit trail.
    reason: Reason,
    #[oai(validator(min_items = 1, max_items = 10000))]
    data: Vec<GroupRevenue>,
    /// The batch that paid some of these groups last, where they are meant to be paid again.
    confirm_repeat: Option<BatchId>,
}

/// Revenue of one group.
#[derive(Object)]
struct GroupRevenue {
    group_code: GroupCode,
    /// Yuan, a decimal string of at most four places.
    amount: decimal::Revenue,
}

/// What was taken in.
#[derive(Object)]
struct AdAcceptance {
    id: BatchId,
    /// Its number within the date.
    batch_no: i32,
    /// Groups whose revenue will be paid.
    accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    unknown: Vec<String>,
}

#[derive(Object)]
struct AdVoiding {
    /// Why; kept with the batch.
    reason: Reason,
}

impl From<Supplemented> for AdAcceptance {
    fn from(batch: Supplemented) -> Self {
        AdAcceptance {
            id: batch.id,
            batch_no: batch.batch_no,
            accepted: batch.accepted,
            unknown: serde_json::from_value(batch.unknown).unwrap_or_default(),
        }
    }
}

impl Table for AdBatch {
    const NAME: &'static str = "ad-batches";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        plain("settle_date", "结算日"),
        plain("batch_no", "批次"),
        plain("source", "来源"),
        plain("state", "状态"),
        plain("entered_by", "录入人"),
        plain("accepted", "入账群数"),
        plain("unknown", "未知群码"),
        plain("unknown_count", "未知群数"),
        amount("revenue", "收入"),
        instant("received_at", "收到时间"),
        plain("run_id", "结算编号"),
        instant("voided_at", "作废时间"),
        plain("voided_by", "作废人"),
        plain("void_reason", "作废原因"),
    ];
}

#[OpenApi(prefix_path = "/api/console/settlement/ads", tag = "Area::Settlement")]
impl AdsApi {
    /// List batches
    ///
    /// The partner's, and those operators entered afterwards. The dates are the settle dates.
    #[oai(path = "/", method = "get", operation_id = "listAdBatches")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: BatchQuery,
        settled: FromTo,
        sort: Sorting<BatchColumn>,
        page: Paging,
    ) -> PageOf<Vec<AdBatch>> {
        operator.must(Permission::Read)?;
        paged(ads::list(app.context(), query.filter(settled, sort), page.0).await?)
    }

    /// Take the list of batches away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000.
    #[oai(path = "/export", method = "get", operation_id = "exportAdBatches")]
    async fn export(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: BatchQuery,
        settled: FromTo,
        sort: Sorting<BatchColumn>,
        order: ExportOrder,
    ) -> Export {
        operator.must(Permission::Read)?;
        let rows = ads::list(app.context(), query.filter(settled, sort), export::WHOLE);
        export::<_, AdBatch, _>(&app, &operator, order, rows).await
    }

    /// One batch
    ///
    /// Who entered it, what became of it, and the run that settled it.
    #[oai(path = "/:id", method = "get", operation_id = "getAdBatch")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The batch's id.
        id: Path<BatchId>,
    ) -> Answer<AdBatch, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ads::by_id(app.context(), id.0).await?)
    }

    /// List the rows of a batch, by group code
    ///
    /// Those that are paid and those that are not.
    #[oai(path = "/:id/rows", method = "get", operation_id = "listAdBatchRows")]
    async fn rows(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The batch's id.
        id: Path<BatchId>,
        /// Those that are paid, or those that are not.
        paid: Query<Option<bool>>,
        page: Paging,
    ) -> PageOf<Vec<BatchRow>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(ads::list_rows(app.context(), id.0, paid.0, page.0).await?)
    }

    /// Enter a supplementary batch
    ///
    /// It is settled by a run of its own. The same key with the same body returns the first answer. What one operator may
    /// enter alone, in a batch and in a day, is bounded. Groups that the date has paid before are refused with 1409, the
    /// groups and the batches that paid them in `data`, unless `confirm_repeat` names the batch that paid them last.
    #[oai(path = "/", method = "post", operation_id = "supplementAdBatch")]
    async fn supplement(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The client's own key of this request; with it the request can be sent again.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        key: Header<String>,
        body: Body<AdSupplement>,
    ) -> Answer<AdAcceptance, { codes(&[Code::DuplicateRequest, Code::NotPossible]) }> {
        operator.must(Permission::Book)?;
        let entries = body.0.data.into_iter();
        let revenues =
            entries.map(|entry| Revenue::new(entry.group_code.to_string(), &entry.amount.to_string()));
        let new = Supplement {
            settle_date: body.0.settle_date,
            revenues: revenues.collect::<kernel::Result<_>>()?,
            reason: body.0.reason.into(),
            confirm_repeat: body.0.confirm_repeat,
        };
        let batch = ads::supplement(app.context(), operator.id, new, Some(&key.0)).await?;
        answer(batch.into())
    }

    /// Void a batch that no run has settled
    ///
    /// It pays nobody. When it was the partner's, the partner may hand in the date again. Once more changes nothing.
    #[oai(path = "/:id/void", method = "post", operation_id = "voidAdBatch")]
    async fn void(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The batch's id.
        id: Path<BatchId>,
        body: Body<AdVoiding>,
    ) -> Answer<AdBatch, { codes(&[Code::ResourceNotFound, Code::DuplicateRequest]) }> {
        operator.must(Permission::Book)?;
        answer(ads::void(app.context(), operator.id, id.0, &body.0.reason).await?)
    }
}
