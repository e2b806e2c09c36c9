//! Checks that prove the books.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use domain::identity::Permission;
use domain::ledger::check::Report;
use domain::ledger::{self, KeptCheck};
use domain::settlement;
use kernel::code::Code;
use kernel::id::CheckId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LedgerChecksApi;

#[OpenApi(prefix_path = "/api/console/ledger", tag = "Area::Ledger")]
impl LedgerChecksApi {
    /// Check the whole ledger now
    ///
    /// One check at a time: 1409 while another is under way. The outcome is kept, and payouts go by it.
    #[oai(path = "/check", method = "get", operation_id = "checkLedger")]
    async fn check(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
    ) -> Answer<Report, { codes(&[Code::DuplicateRequest]) }> {
        operator.must(Permission::CheckLedger)?;
        answer(settlement::audit_on_demand(app.context()).await?)
    }

    /// List kept checks, newest first
    ///
    /// Those of the nightly job and those asked for.
    #[oai(path = "/checks", method = "get", operation_id = "listLedgerChecks")]
    async fn checks(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        page: Paging,
    ) -> PageOf<Vec<KeptCheck>> {
        operator.must(Permission::Read)?;
        paged(ledger::kept_checks(app.context(), page.0).await?)
    }

    /// One kept check
    ///
    /// With what it found.
    #[oai(path = "/checks/:id", method = "get", operation_id = "getLedgerCheck")]
    async fn kept_check(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The check's id.
        id: Path<CheckId>,
    ) -> Answer<KeptCheck, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ledger::kept_check(app.context(), id.0).await?)
    }
}
