//! Settlement runs, and why slips are what they are.

use super::Area;
use crate::app_state::AppState;
use crate::explanation::Explanation;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, answer_page, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::reason::Reason;
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::settlement::{self, ReversalOrder, RunColumn, RunFilter, RunKind, RunReplay, RunReversal};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::{RunId, SlipId, UserId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use std::collections::BTreeMap;

pub struct SettlementApi;

/// A run.
#[derive(Object)]
pub(super) struct SettlementRun {
    id: RunId,
    /// `groups` or `ads`.
    kind: RunKind,
    settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    batch_no: i32,
    rates_version: i32,
    group_count: i32,
    slip_count: i32,
    /// Sum of the slips.
    total: Money,
    /// Milliseconds by step.
    timings: BTreeMap<String, u64>,
    settled_at: DateTime<Utc>,
}

#[derive(Object)]
struct RunReversalOrder {
    /// Why; the users see it too.
    reason: Reason,
    /// Whether to take back from all others where wallets have not enough. Otherwise nothing is taken from anybody then.
    #[oai(default)]
    leave_short: bool,
}

impl From<settlement::RunSummary> for SettlementRun {
    fn from(run: settlement::RunSummary) -> Self {
        SettlementRun {
            id: run.id,
            kind: run.kind,
            settle_date: run.settle_date,
            batch_no: run.batch_no,
            rates_version: run.rates_version,
            group_count: run.group_count,
            slip_count: run.slip_count,
            total: run.total,
            timings: serde_json::from_value(run.timings).unwrap_or_default(),
            settled_at: run.settled_at,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/settlement", tag = "Area::Settlement")]
impl SettlementApi {
    /// List runs
    ///
    /// One a kind and settle date; supplementary ads batches have runs of their own. The dates are the settle dates.
    #[oai(path = "/runs", method = "get", operation_id = "listSettlementRuns")]
    async fn runs(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// `groups` or `ads`.
        kind: Query<Option<RunKind>>,
        settled: FromTo,
        sort: Sorting<RunColumn>,
        page: Paging,
    ) -> PageOf<Vec<SettlementRun>> {
        operator.must(Permission::Read)?;
        let filter = RunFilter {
            kind: kind.0,
            settled: settled.0,
            sort: sort.0,
        };
        paged(settlement::runs(app.context(), filter, page.0).await?)
    }

    /// Do a run again on paper and compare
    ///
    /// Changes nothing.
    #[oai(
        path = "/runs/:id/replay",
        method = "get",
        operation_id = "replaySettlementRun"
    )]
    async fn replay(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
    ) -> Answer<RunReplay, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::CheckLedger)?;
        answer(settlement::replay(app.context(), id.0).await?)
    }

    /// Take an ads run back
    ///
    /// One act: every posting of it is reversed, each user sees a slip of type 6, and its batch no longer counts, so that the
    /// right one can come in. No wallet goes below zero: where some have not enough, 3002 names them in `data` and nothing
    /// changes, unless `leave_short` is set. Once more takes back only what is left.
    #[oai(
        path = "/runs/:id/reverse",
        method = "post",
        operation_id = "reverseSettlementRun"
    )]
    async fn reverse(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
        body: Body<RunReversalOrder>,
    ) -> Answer<
        RunReversal,
        {
            codes(&[
                Code::ResourceNotFound,
                Code::InsufficientAmount,
                Code::NotPossible,
                Code::DuplicateRequest,
            ])
        },
    > {
        operator.must(Permission::Book)?;
        let order = ReversalOrder {
            reason: body.0.reason.into(),
            leave_short: body.0.leave_short,
        };
        answer(settlement::reverse_run(app.context(), operator.id, id.0, &order).await?)
    }

    /// Why a user's slip is what it is
    ///
    /// The pages are those of its lines.
    #[oai(
        path = "/slips/:user_id/:slip_id",
        method = "get",
        operation_id = "explainSlip"
    )]
    async fn explain(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        user_id: Path<UserId>,
        /// The slip's id.
        slip_id: Path<SlipId>,
        page: Paging,
    ) -> PageOf<Explanation, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let found = settlement::explain(app.context(), user_id.0, slip_id.0, page.0).await?;
        let info = found.info;
        answer_page(found.into(), info)
    }
}
