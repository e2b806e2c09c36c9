//! Who did what in the console: one row per deed, in the deed's transaction.

pub mod entity;

use crate::error::Result;
use crate::id::{AuditId, OperatorId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

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
    let entry = entity::Model {
        id: AuditId::new(),
        operator_id: operator,
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        at: now,
    };
    let insert = entity::Entity::insert(entry.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}
