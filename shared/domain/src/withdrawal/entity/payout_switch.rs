//! Whether payouts run; one row.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_switch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub only_row: bool,
    pub paused: bool,
    pub reason: String,
    pub changed_by: String,
    pub changed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
