//! Who did what in the console: one row per deed, in the deed's transaction.

pub mod entity;

use crate::error::Result;
use crate::id::{AuditId, OperatorId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

/// Records a deed.
pub async fn record(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let deed = (subject.to_owned(), detail);
    record_each(conn, operator, action, vec![deed], now).await
}

/// Records one deed for each of these subjects, each with its detail, in one statement.
pub async fn record_each(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
    action: &str,
    deeds: Vec<(String, serde_json::Value)>,
    now: DateTime<Utc>,
) -> Result<()> {
    if deeds.is_empty() {
        return Ok(());
    }
    let entry = |(subject, detail)| {
        let entry = entity::Model {
            id: AuditId::new(),
            operator_id: operator,
            action: action.to_owned(),
            subject,
            detail,
            at: now,
        };
        entry.into_active_model()
    };
    let insert = entity::Entity::insert_many(deeds.into_iter().map(entry));
    insert.exec_without_returning(conn).await?;
    Ok(())
}
