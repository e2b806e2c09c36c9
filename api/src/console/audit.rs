//! Who did what.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::envelope::{PageOf, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::identity::Permission;
use domain::operations::{self, AuditColumn, AuditEntry, AuditFilter};
use poem::web::Data;
use poem_openapi::OpenApi;

pub struct AuditApi;

filters! {
    /// Which deeds.
    struct AuditQuery {
        /// The operator's name.
        operator: String,
        /// What was done.
        action: String,
        /// What it was done to, whole.
        subject: String,
    }
}

impl AuditQuery {
    fn filter(self, at: FromTo, sort: Sorting<AuditColumn>) -> AuditFilter {
        AuditFilter {
            operator: self.operator,
            action: self.action,
            subject: self.subject,
            at: at.0,
            sort: sort.0,
        }
    }
}

impl Table for AuditEntry {
    const NAME: &'static str = "audit";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        instant("at", "时间"),
        plain("operator_id", "操作员编号"),
        plain("operator", "操作员"),
        plain("action", "动作"),
        plain("subject", "对象"),
        plain("detail", "详情"),
    ];
}

#[OpenApi(prefix_path = "/api/console/audit", tag = "Area::Audit")]
impl AuditApi {
    /// List deeds of operators
    ///
    /// Everything that changed something is there, by whom and why. The dates are those it was done on.
    #[oai(path = "/", method = "get", operation_id = "listAuditEntries")]
    async fn list(
        &self,
        app: Data<&AppState>,
        reader: ConsoleOperator,
        query: AuditQuery,
        at: FromTo,
        sort: Sorting<AuditColumn>,
        page: Paging,
    ) -> PageOf<Vec<AuditEntry>> {
        reader.must(Permission::ReadAudit)?;
        paged(operations::audit_entries(app.context(), query.filter(at, sort), page.0).await?)
    }

    /// Take the list of deeds away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000. Details are JSON.
    #[oai(path = "/export", method = "get", operation_id = "exportAuditEntries")]
    async fn export(
        &self,
        app: Data<&AppState>,
        reader: ConsoleOperator,
        query: AuditQuery,
        at: FromTo,
        sort: Sorting<AuditColumn>,
        order: ExportOrder,
    ) -> Export {
        reader.must(Permission::ReadAudit)?;
        let rows = operations::audit_entries(app.context(), query.filter(at, sort), export::WHOLE);
        export::<_, AuditEntry, _>(&app, &reader, order, rows).await
    }
}
