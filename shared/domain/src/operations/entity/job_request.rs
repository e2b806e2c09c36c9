//! A run an operator asked for.

use crate::operations::model::RequestState;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::{JobRequestId, OperatorId};
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobRequestId,
    pub job: String,
    pub business_date: BusinessDate,
    pub dry_run: bool,
    pub allow_open_day: bool,
    pub requested_by: OperatorId,
    pub requested_at: DateTime<Utc>,
    pub state: RequestState,
    pub fence: i64,
    pub lease_until: Option<DateTime<Utc>>,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::identity::entity::operator::Entity",
        from = "Column::RequestedBy",
        to = "crate::identity::entity::operator::Column::Id"
    )]
    Operator,
}

impl Related<crate::identity::entity::operator::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Operator.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
