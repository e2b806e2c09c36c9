//! An operator's decision about a withdrawal.

use crate::withdrawal::model::Decision;
use chrono::{DateTime, Utc};
use kernel::id::{OperatorId, WithdrawalId};
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawal_reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub withdrawal_id: WithdrawalId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operator_id: OperatorId,
    pub decision: Decision,
    pub reason: String,
    pub reviewed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::identity::entity::operator::Entity",
        from = "Column::OperatorId",
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

impl Entity {
    /// Decisions about one withdrawal.
    pub fn of(withdrawal: WithdrawalId) -> Select<Entity> {
        Entity::find().filter(Column::WithdrawalId.eq(withdrawal))
    }
}
