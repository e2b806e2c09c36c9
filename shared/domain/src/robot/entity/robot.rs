//! An account on a chat network that we operate.

use crate::robot::model::RobotStatus;
use chrono::{DateTime, Utc};
use kernel::id::RobotId;
use sea_orm::entity::prelude::*;
use transport::{Network, RobotCode};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "robots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RobotId,
    pub code: RobotCode,
    pub network: Network,
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
    pub channel: Option<String>,
    pub count_threshold: i32,
    pub count_distribute: i32,
    pub status: RobotStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Robots that are not deleted.
    pub fn living() -> Select<Entity> {
        Entity::find().filter(Column::Status.ne(RobotStatus::Deleted))
    }
}
