//! A kept check of the ledger.

use chrono::{DateTime, Utc};
use kernel::id::CheckId;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_checks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CheckId,
    pub checked_at: DateTime<Utc>,
    pub clean: bool,
    pub findings: Json,
    pub number: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Checks, the one that saw the newest books first, whatever the clocks of those who checked showed.
    pub fn newest_first() -> Select<Entity> {
        Entity::find().order_by_desc(Column::Number)
    }
}
