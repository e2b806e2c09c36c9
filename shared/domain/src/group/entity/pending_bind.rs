//! A bind that is under way; a group has one.

use crate::group::model::BindState;
use chrono::{DateTime, Utc};
use kernel::id::RobotId;
use sea_orm::entity::prelude::*;
use transport::{GroupCode, RobotCode, UserCode};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_binds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_code: GroupCode,
    pub robot_id: RobotId,
    pub robot_code: RobotCode,
    pub user_code: UserCode,
    pub name: String,
    pub state: BindState,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
