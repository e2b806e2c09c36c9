//! What an operator did.

use crate::id::{AuditId, OperatorId};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One deed.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
#[allow(missing_docs)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditId,
    pub operator_id: OperatorId,
    pub action: String,
    pub subject: String,
    pub detail: Json,
    pub at: DateTime<Utc>,
}

/// None: who did it is joined by those who know operators.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
