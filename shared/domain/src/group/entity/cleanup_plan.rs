//! A clean-up of one date.

use crate::group::model::PlanState;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::PlanId;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cleanup_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    pub business_date: BusinessDate,
    pub state: PlanState,
    pub planned_at: DateTime<Utc>,
    pub carried_out_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
