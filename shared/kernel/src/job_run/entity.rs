//! A dated job's run.

use crate::clock::BusinessDate;
use crate::job_run::state::RunState;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One run, and what is known of it.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
#[allow(missing_docs)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub business_date: BusinessDate,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i16,
    pub state: RunState,
    pub fence: i64,
    pub lease_until: Option<DateTime<Utc>>,
    pub attempts: i32,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub state_before: Option<RunState>,
}

/// None.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
