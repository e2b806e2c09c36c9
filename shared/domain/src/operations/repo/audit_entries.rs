//! Who did what in the console, for people to look through.

use crate::identity::entity::operator;
use chrono::{DateTime, Utc};
use kernel::any_json::AnyJson;
use kernel::audit::entity as audit_entry;
use kernel::dates::DateFilter;
use kernel::id::{AuditId, OperatorId};
use kernel::listing;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use kernel::{Context, Result};
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef,
};

/// The operator of a deed.
fn operator_of_entry() -> RelationDef {
    audit_entry::Entity::belongs_to(operator::Entity)
        .from(audit_entry::Column::OperatorId)
        .to(operator::Column::Id)
        .into()
}

/// A deed.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct AuditEntry {
    pub id: AuditId,
    pub operator_id: OperatorId,
    /// The operator's name.
    pub operator: String,
    pub action: String,
    /// What it was done to.
    pub subject: String,
    pub detail: AnyJson,
    pub at: DateTime<Utc>,
}

/// What is looked for; everything that is given must hold, exactly.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct AuditFilter {
    /// Their name.
    pub operator: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    /// When it was done.
    pub at: DateFilter,
    /// In which order.
    pub sort: Sort<AuditColumn>,
}

kernel::sortable! {
    /// What deeds are sorted by.
    pub enum AuditColumn: descending(At), then ["audit_entries.id"] {
        /// When it was done.
        At = "at" => "audit_entries.at",
    }
}

/// Deeds.
pub async fn audit_entries(context: &Context, filter: AuditFilter, page: Page) -> Result<Paged<AuditEntry>> {
    use audit_entry::Column;
    let found = audit_entry::Entity::find()
        .join(JoinType::InnerJoin, operator_of_entry())
        .column_as(operator::Column::Name, "operator")
        .apply_if(filter.operator, |found, name| {
            found.filter(operator::Column::Name.eq(name))
        })
        .apply_if(filter.action, |found, action| {
            found.filter(Column::Action.eq(action))
        })
        .apply_if(filter.subject, |found, subject| {
            found.filter(Column::Subject.eq(subject))
        })
        .filter(filter.at.instants(Column::At));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}
