//! A settlement run.

use crate::settlement::model::RunKind;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::RunId;
use kernel::money::Money;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunId,
    pub kind: RunKind,
    pub settle_date: BusinessDate,
    pub batch_no: i32,
    pub rates_version: i32,
    pub group_count: i32,
    pub slip_count: i32,
    pub total: Money,
    pub timings: Json,
    pub settled_at: DateTime<Utc>,
    pub moved: i64,
    pub own_slips: Option<i32>,
    pub own_total: Option<Money>,
    pub disciples_slips: Option<i32>,
    pub disciples_total: Option<Money>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
