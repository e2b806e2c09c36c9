//! A version of a profit template.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::{OperatorId, TemplateId};
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "profit_templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TemplateId,
    pub code: String,
    pub version: i32,
    pub rule: Json,
    pub starts_on: Option<BusinessDate>,
    pub ends_on: Option<BusinessDate>,
    pub created_by: Option<OperatorId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
