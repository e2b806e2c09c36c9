//! Who did what in the console: one row per deed, in the deed's transaction.

use super::db;
use super::error::Result;
use super::id::{AuditId, OperatorId};
use super::listing::Listing;
use super::page::{Page, Paged};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

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
    let sql = "INSERT INTO audit_entries (id, operator_id, action, subject, detail, at) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        AuditId::new().into(),
        operator.into(),
        action.into(),
        subject.into(),
        detail.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
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
    let listing = Listing {
        columns: "entry.id, entry.operator_id, operator.name AS operator, entry.action, entry.subject, entry.detail, entry.at",
        from: "audit_entries AS entry JOIN operators AS operator ON operator.id = entry.operator_id
               WHERE ($1::text IS NULL OR operator.name = $1)
                 AND ($2::text IS NULL OR entry.action = $2)
                 AND ($3::text IS NULL OR entry.subject = $3)",
        order: "entry.at DESC, entry.id DESC",
    };
    let values = vec![
        filter.operator.into(),
        filter.action.into(),
        filter.subject.into(),
    ];
    listing.page(conn, values, page).await
}
