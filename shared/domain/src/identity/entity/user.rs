//! A person with an account with us.

use crate::identity::model::UserStatus;
use chrono::{DateTime, Utc};
use kernel::id::UserId;
use sea_orm::entity::prelude::*;
use transport::UserCode;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub code: Option<UserCode>,
    pub union_id: Option<String>,
    pub open_id: Option<String>,
    pub nickname: String,
    pub head_url: String,
    pub phone: Option<String>,
    pub channel: Option<String>,
    pub status: UserStatus,
    pub identity_card: Option<Vec<u8>>,
    pub has_imported: bool,
    pub has_apprentice: bool,
    pub agreed_protocol: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Users that are not deleted.
    pub fn living() -> Select<Entity> {
        Entity::find().filter(Column::Status.ne(UserStatus::Deleted))
    }
}
