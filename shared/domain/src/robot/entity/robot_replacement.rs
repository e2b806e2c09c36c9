//! A QR code that replaced a robot's earlier one.

use chrono::{DateTime, Utc};
use kernel::id::RobotId;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "robot_replacements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub robot_id: RobotId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub qr_code: String,
    pub replaced_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
