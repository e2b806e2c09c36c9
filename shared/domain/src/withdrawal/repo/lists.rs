//! Withdrawals in lists.

use super::Withdrawal;
use crate::identity::UserStatus;
use crate::identity::entity::user;
use crate::withdrawal::entity::withdrawal::{Column, Entity};
use crate::withdrawal::entity::withdrawal_review;
use crate::withdrawal::model::{Decision, ShownState, State};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::Result;
use kernel::id::{OperatorId, UserId, WithdrawalId};
use kernel::listing;
use kernel::money::Money;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, SelectExt,
};
use serde::Serialize;
use uuid::Uuid;

pub(in super::super) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    state: Option<ShownState>,
    page: Page,
) -> Result<Paged<Withdrawal>> {
    let found = Entity::of_user(user)
        .apply_if(state.map(State::shown_as), |found, states| {
            found.filter(Column::State.is_in(states))
        })
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

/// What the user asked for on a date that is pending or paid.
pub(in super::super) async fn of_date(
    conn: &impl ConnectionTrait,
    user: UserId,
    date: BusinessDate,
) -> Result<Option<Withdrawal>> {
    let void = [State::Rejected, State::Failed];
    let found = Entity::of_user(user)
        .filter(Column::RequestedOn.eq(date))
        .filter(Column::State.is_not_in(void));
    Ok(found.one(conn).await?)
}

/// What may become of these when they are decided: their states, and whose approvals they have.
pub(in super::super) async fn to_decide(
    conn: &impl ConnectionTrait,
    ids: &[WithdrawalId],
    operator: OperatorId,
) -> Result<Vec<ToDecide>> {
    let sql = "SELECT w.id, w.amount, w.state,
                      (SELECT count(*) FROM withdrawal_reviews AS r WHERE r.withdrawal_id = w.id AND r.decision = $3) AS approvals,
                      EXISTS (SELECT FROM withdrawal_reviews AS r
                              WHERE r.withdrawal_id = w.id AND r.decision = $3 AND r.operator_id = $2) AS approved_by_me
               FROM withdrawals AS w WHERE w.id = ANY($1)";
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let values = [ids.into(), operator.into(), Decision::Approve.name().into()];
    db::fetch_all(conn, sql, values).await
}

/// What decides whether an operator may decide.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ToDecide {
    pub id: WithdrawalId,
    pub amount: Money,
    pub state: State,
    pub approvals: i64,
    pub approved_by_me: bool,
}

pub(in super::super) async fn any_pending_or_paid(conn: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let void = [State::Rejected, State::Failed];
    let found = Entity::of_user(user).filter(Column::State.is_not_in(void));
    Ok(found.exists(conn).await?)
}

/// What operators look for.
#[derive(Debug, Clone, Default)]
pub struct WithdrawalFilter {
    /// Of this user.
    pub user: Option<UserId>,
    /// With this merchant bill number.
    pub bill_no: Option<String>,
    /// In exactly this state.
    pub detail_state: Option<State>,
    /// Approved by so many operators.
    pub approvals: Option<i64>,
    /// The user's whole number.
    pub phone: Option<String>,
    /// From this amount.
    pub amount_from: Option<Money>,
    /// Up to this amount.
    pub amount_to: Option<Money>,
    /// When it was requested.
    pub requested: DateFilter,
    /// When it ended.
    pub finished: DateFilter,
    /// What the state is shown as.
    pub status: Option<ShownState>,
    /// Only those that a person has to look at.
    pub alerted: bool,
    /// In which order.
    pub sort: Sort<WithdrawalColumn>,
}

kernel::sortable! {
    /// What withdrawals are sorted by.
    pub enum WithdrawalColumn: descending(CreatedAt), then ["withdrawals.id"] {
        /// When it was requested.
        CreatedAt = "created_at" => "withdrawals.created_at",
        /// When it ended.
        FinishedAt = "finished_at" => "withdrawals.finished_at?",
        /// How much.
        Amount = "amount" => "withdrawals.amount",
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
    /// How we stand with them.
    pub user_status: UserStatus,
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
    /// When the last operator it needed approved it.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was first submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Owner {
    phone: Option<String>,
    nickname: String,
    user_status: UserStatus,
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
            approved_at: row.approved_at,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
        })
    }
}

/// How many operators approved a withdrawal.
fn approvals() -> SelectStatement {
    withdrawal_review::Entity::find()
        .select_only()
        .column_as(Expr::cust("count(*)"), "approvals")
        .filter(withdrawal_review::Column::Decision.eq(Decision::Approve))
        .filter(
            Expr::col((withdrawal_review::Entity, withdrawal_review::Column::WithdrawalId))
                .equals((Entity, Column::Id)),
        )
        .into_query()
}

fn for_console() -> Select<Entity> {
    Entity::find()
        .inner_join(user::Entity)
        .columns([user::Column::Phone, user::Column::Nickname])
        .column_as(user::Column::Status, "user_status")
        .column_as(Expr::from(approvals()), "approvals")
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
    filters: &WithdrawalFilter,
    page: Page,
) -> Result<Paged<ConsoleWithdrawal>> {
    let states = filters.status.map(State::shown_as);
    let conditions = Condition::all()
        .add_option(
            filters
                .phone
                .as_deref()
                .map(|phone| user::Column::Phone.eq(phone)),
        )
        .add_option(filters.amount_from.map(|amount| Column::Amount.gte(amount)))
        .add_option(filters.amount_to.map(|amount| Column::Amount.lte(amount)))
        .add(filters.requested.instants(Column::CreatedAt))
        .add(filters.finished.instants(Column::FinishedAt))
        .add_option(filters.user.map(|user| Column::UserId.eq(user)))
        .add_option(filters.bill_no.as_deref().map(|number| Column::BillNo.eq(number)))
        .add_option(filters.detail_state.map(|state| Column::State.eq(state)))
        .add_option(filters.approvals.map(|count| Expr::from(approvals()).eq(count)))
        .add_option(states.map(|states| Column::State.is_in(states)))
        .add_option(filters.alerted.then(|| Column::Alert.is_not_null()));
    let found = filters.sort.apply(for_console().filter(conditions));
    listing::page(conn, found.into_model(), page).await
}
