//! Settlement runs, and why slips are what they are.

use super::Area;
use super::finding::Finding;
use crate::edge::Edge;
use crate::explanation::Explanation;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, answer_page, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use shared::identity::role::Permission;
use shared::kernel::clock::BusinessDate;
use shared::kernel::code::Code;
use shared::kernel::id::{RunId, SlipId, UserId};
use shared::kernel::money::Money;
use shared::settlement::{explain, replay, service};
use std::collections::BTreeMap;

pub struct SettlementApi;

/// A run.
#[derive(Object)]
struct SettlementRun {
    id: RunId,
    /// `groups` or `ads`.
    kind: String,
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

/// What a replay came to.
#[derive(Object)]
struct RunReplay {
    /// Whether the run is what the rule makes of its inputs.
    clean: bool,
    /// The first differences of each rule.
    findings: Vec<Finding>,
}

impl From<service::RunSummary> for SettlementRun {
    fn from(run: service::RunSummary) -> Self {
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
    /// List runs, newest date first
    ///
    /// One a kind and settle date; supplementary ads batches have runs of their own.
    #[oai(path = "/runs", method = "get", operation_id = "listSettlementRuns")]
    async fn runs(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// `groups` or `ads`.
        kind: Query<Option<String>>,
        page: Paging,
    ) -> PageOf<Vec<SettlementRun>> {
        operator.must(Permission::Read)?;
        let kind = kind.0.map(|kind| kind.parse()).transpose()?;
        paged(service::runs(edge.db.read(), kind, page.0).await?)
    }

    /// One run
    ///
    /// Counts, sum, and how long each step took.
    #[oai(path = "/runs/:id", method = "get", operation_id = "getSettlementRun")]
    async fn run(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<RunId>,
    ) -> Answer<SettlementRun, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(service::run(edge.db.read(), id.0).await?.into())
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
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<RunId>,
    ) -> Answer<RunReplay, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::CheckLedger)?;
        let findings = replay::replay(edge.db.read(), id.0).await?;
        answer(RunReplay {
            clean: findings.is_empty(),
            findings: findings.into_iter().map(Finding::from).collect(),
        })
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
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Whose.
        user_id: Path<UserId>,
        /// Which slip.
        slip_id: Path<SlipId>,
        page: Paging,
    ) -> PageOf<Explanation, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let found = explain::explain(edge.db.read(), user_id.0, slip_id.0, page.0).await?;
        let info = found.info;
        answer_page(found.into(), info)
    }
}
