//! Who did what.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::envelope::{PageOf, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::operations::{self, AuditFilter};
use kernel::id::{AuditId, OperatorId};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

pub struct AuditApi;

/// A deed.
#[derive(Object)]
struct AuditEntry {
    id: AuditId,
    operator_id: OperatorId,
    /// The operator's name.
    operator: String,
    action: String,
    /// What it was done to.
    subject: String,
    detail: Any<Value>,
    at: DateTime<Utc>,
}

impl From<operations::AuditEntry> for AuditEntry {
    fn from(entry: operations::AuditEntry) -> Self {
        AuditEntry {
            id: entry.id,
            operator_id: entry.operator_id,
            operator: entry.operator,
            action: entry.action,
            subject: entry.subject,
            detail: Any(entry.detail),
            at: entry.at,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/audit", tag = "Area::Audit")]
impl AuditApi {
    /// List deeds of operators, newest first
    ///
    /// Everything that changed something is there, by whom and why.
    #[oai(path = "/", method = "get", operation_id = "listAuditEntries")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        reader: ConsoleOperator,
        /// The operator's name.
        operator: Query<Option<String>>,
        /// What was done.
        action: Query<Option<String>>,
        /// What it was done to, whole.
        subject: Query<Option<String>>,
        page: Paging,
    ) -> PageOf<Vec<AuditEntry>> {
        reader.must(Permission::ReadAudit)?;
        let filter = AuditFilter {
            operator: operator.0,
            action: action.0,
            subject: subject.0,
        };
        paged(operations::audit_entries(edge.db.read(), filter, page.0).await?)
    }
}
