//! A version of the rates of masters and grand-masters.

use chrono::{DateTime, Utc};
use kernel::id::OperatorId;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement_rates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub father: Decimal,
    pub grand_father: Decimal,
    pub father_ad: Decimal,
    pub grand_father_ad: Decimal,
    pub created_by: Option<OperatorId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
