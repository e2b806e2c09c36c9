//! Who did what in the console: one row per deed, in the deed's transaction.

use super::error::Result;
use super::id::{AuditId, OperatorId};
use super::listing;
use super::page::{Page, Paged};
use crate::entity::{audit_entry, operator};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

/// Records a deed.
///
/// # Errors
/// What PostgreSQL says.
pub async fn record(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = audit_entry::Model {
        id: AuditId::new(),
        operator_id: operator,
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        at: now,
    };
    let insert = audit_entry::Entity::insert(entry.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// A deed.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct Entry {
    pub id: AuditId,
    pub operator_id: OperatorId,
    /// Their name.
    pub operator: String,
    pub action: String,
    pub subject: String,
    pub detail: serde_json::Value,
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
}

/// Deeds, newest first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn list(conn: &impl ConnectionTrait, filter: AuditFilter, page: Page) -> Result<Paged<Entry>> {
    use audit_entry::Column;
    let found = audit_entry::Entity::find()
        .inner_join(operator::Entity)
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
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id);
    listing::page(conn, found.into_model(), page).await
}
