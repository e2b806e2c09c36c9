//! A user's request to be paid, and its payout.

use crate::withdrawal::model::State;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WithdrawalId,
    pub user_id: UserId,
    pub amount: Money,
    pub state: State,
    pub bill_no: String,
    pub open_id: String,
    pub requested_on: BusinessDate,
    pub reason: Option<String>,
    pub package_info: Option<String>,
    pub connector: Option<String>,
    pub partner_state: Option<String>,
    pub alert: Option<String>,
    pub attempts: i32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub approved_at: Option<DateTime<Utc>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::identity::entity::user::Entity",
        from = "Column::UserId",
        to = "crate::identity::entity::user::Column::Id"
    )]
    User,
}

impl Related<crate::identity::entity::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Withdrawals of one user.
    pub fn of_user(user: UserId) -> Select<Entity> {
        Entity::find().filter(Column::UserId.eq(user))
    }
}
