//! Withdrawals in lists.

use super::Withdrawal;
use crate::identity::entity::user;
use crate::withdrawal::entity::withdrawal::{Column, Entity};
use crate::withdrawal::entity::withdrawal_review;
use crate::withdrawal::model::{ShownState, State};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::{UserId, WithdrawalId};
use kernel::listing;
use kernel::money::Money;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, SelectExt,
};
use serde::Serialize;

pub(in super::super) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    page: Page,
) -> Result<Paged<Withdrawal>> {
    let found = Entity::of_user(user)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id);
    listing::page(conn, found, page).await
}

pub(in super::super) async fn one_of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: WithdrawalId,
) -> Result<Option<Withdrawal>> {
    let found = Entity::of_user(user).filter(Column::Id.eq(id));
    Ok(found.one(conn).await?)
}

pub(in super::super) async fn any_pending_or_paid(conn: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let void = [State::Rejected, State::Failed];
    let found = Entity::of_user(user).filter(Column::State.is_not_in(void));
    Ok(found.exists(conn).await?)
}

/// What operators look for. Dates are inclusive, in Shanghai.
#[derive(Debug, Clone, Default)]
pub struct ConsoleFilters {
    /// The user's whole number.
    pub phone: Option<String>,
    /// From this amount.
    pub amount_from: Option<Money>,
    /// Up to this amount.
    pub amount_to: Option<Money>,
    /// Requested on this date or later.
    pub requested_from: Option<BusinessDate>,
    /// Requested on this date or before.
    pub requested_to: Option<BusinessDate>,
    /// Ended on this date or later.
    pub finished_from: Option<BusinessDate>,
    /// Ended on this date or before.
    pub finished_to: Option<BusinessDate>,
    /// What the state is shown as.
    pub status: Option<ShownState>,
    /// Only those that a person has to look at.
    pub alerted: bool,
    /// By what.
    pub sort: SortKey,
    /// Smallest or oldest first.
    pub ascending: bool,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    /// When it was requested.
    #[default]
    Created,
    /// When it ended.
    Finished,
    /// How much.
    Amount,
}

impl SortKey {
    const fn column(self) -> Column {
        match self {
            SortKey::Created => Column::CreatedAt,
            SortKey::Finished => Column::FinishedAt,
            SortKey::Amount => Column::Amount,
        }
    }
}

/// A withdrawal as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Object)]
#[oai(rename = "WithdrawalRow")]
pub struct ConsoleWithdrawal {
    /// Our id.
    pub id: WithdrawalId,
    /// Whose.
    pub user_id: UserId,
    /// Their phone.
    pub phone: Option<String>,
    /// Their name.
    pub nickname: String,
    /// 1 normal, 2 blocked, 3 deleted.
    pub user_status: i16,
    /// How much, yuan.
    pub amount: Money,
    /// The state in the numbers people know.
    pub state: ShownState,
    /// The state itself.
    pub detail_state: State,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The merchant bill number.
    pub bill_no: String,
    /// The partner's word for the state, or why nobody knows.
    pub partner_state: Option<String>,
    /// Why a person has to look.
    pub alert: Option<String>,
    /// Calls made to pay it.
    pub attempts: i32,
    /// Operators who approved it.
    pub approvals: i64,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// When it was first submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Owner {
    phone: Option<String>,
    nickname: String,
    user_status: i16,
    approvals: i64,
}

impl FromQueryResult for ConsoleWithdrawal {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        let owner = Owner::from_query_result(row, prefix)?;
        let row = Withdrawal::from_query_result(row, prefix)?;
        Ok(ConsoleWithdrawal {
            id: row.id,
            user_id: row.user_id,
            phone: owner.phone,
            nickname: owner.nickname,
            user_status: owner.user_status,
            amount: row.amount,
            state: row.state.shown(),
            detail_state: row.state,
            reason: row.reason,
            bill_no: row.bill_no,
            partner_state: row.partner_state,
            alert: row.alert,
            attempts: row.attempts,
            approvals: owner.approvals,
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
        })
    }
}

fn for_console() -> Select<Entity> {
    let approvals = withdrawal_review::Entity::find()
        .select_only()
        .column_as(Expr::cust("count(*)"), "approvals")
        .filter(withdrawal_review::Column::Decision.eq("approve"))
        .filter(
            Expr::col((withdrawal_review::Entity, withdrawal_review::Column::WithdrawalId))
                .equals((Entity, Column::Id)),
        );
    Entity::find()
        .inner_join(user::Entity)
        .columns([user::Column::Phone, user::Column::Nickname])
        .column_as(user::Column::Status, "user_status")
        .column_as(Expr::from(approvals.into_query()), "approvals")
}

pub(in super::super) async fn one(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
) -> Result<Option<ConsoleWithdrawal>> {
    let found = for_console().filter(Column::Id.eq(id));
    Ok(found.into_model().one(conn).await?)
}

pub(in super::super) async fn all(
    conn: &impl ConnectionTrait,
    filters: &ConsoleFilters,
    page: Page,
) -> Result<Paged<ConsoleWithdrawal>> {
    let states = filters.status.map(State::shown_as);
    let finished_from = filters.finished_from.map(BusinessDate::start);
    let finished_before = filters.finished_to.map(|date| date.plus_days(1).start());
    let conditions = Condition::all()
        .add_option(
            filters
                .phone
                .as_deref()
                .map(|phone| user::Column::Phone.eq(phone)),
        )
        .add_option(filters.amount_from.map(|amount| Column::Amount.gte(amount)))
        .add_option(filters.amount_to.map(|amount| Column::Amount.lte(amount)))
        .add_option(filters.requested_from.map(|date| Column::RequestedOn.gte(date)))
        .add_option(filters.requested_to.map(|date| Column::RequestedOn.lte(date)))
        .add_option(finished_from.map(|instant| Column::FinishedAt.gte(instant)))
        .add_option(finished_before.map(|instant| Column::FinishedAt.lt(instant)))
        .add_option(states.map(|states| Column::State.is_in(states)))
        .add_option(filters.alerted.then(|| Column::Alert.is_not_null()));
    let direction = if filters.ascending {
        Order::Asc
    } else {
        Order::Desc
    };
    let found = for_console()
        .filter(conditions)
        .order_by_with_nulls(filters.sort.column(), direction.clone(), NullOrdering::Last)
        .order_by(Column::Id, direction);
    listing::page(conn, found.into_model(), page).await
}
