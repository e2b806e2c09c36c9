//! Somebody who works the console.

use crate::identity::Role;
use crate::identity::model::OperatorStatus;
use chrono::{DateTime, Utc};
use kernel::id::OperatorId;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "operators")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperatorId,
    pub name: String,
    pub password_hash: String,
    pub role: Role,
    pub status: OperatorStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Operators that are not dismissed.
    pub fn serving() -> Select<Entity> {
        Entity::find().filter(Column::Status.eq(OperatorStatus::Serving))
    }
}
