//! Every query of the room that changes a withdrawal, and what they need to know.

pub(super) mod claims;
pub(super) mod figures;
pub(super) mod lists;
pub(super) mod reviews;
pub(super) mod search;
pub(super) mod switch;

use super::model::{State, Transition};
use crate::identity::UserStatus;
use crate::identity::entity::user;
pub(super) use crate::withdrawal::entity::withdrawal::Model as Withdrawal;
use crate::withdrawal::entity::withdrawal::{Column, Entity};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Columns of [`Withdrawal`], of a table called `w`.
pub(super) const COLUMNS: &str = "w.id, w.user_id, w.amount, w.state, w.bill_no, w.open_id, w.requested_on, w.reason,
    w.package_info, w.connector, w.partner_state, w.alert, w.attempts, w.next_attempt_at, w.approved_at, w.submitted_at, w.finished_at,
    w.created_at, w.updated_at";

/// What decides whether somebody may withdraw.
#[derive(Debug, FromQueryResult)]
pub(super) struct Claimant {
    pub status: UserStatus,
    pub has_phone: bool,
    pub has_id_card: bool,
    pub open_id: Option<String>,
}

pub(super) async fn claimant(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Claimant>> {
    use user::Column;
    let found = user::Entity::living()
        .filter(Column::Id.eq(user))
        .select_only()
        .columns([Column::Status, Column::OpenId])
        .column_as(Column::Phone.is_not_null(), "has_phone")
        .column_as(Column::IdentityCard.is_not_null(), "has_id_card");
    Ok(found.into_model().one(conn).await?)
}

/// What is pending or paid of requests from `first` to `last`.
pub(super) async fn total_between(
    conn: &impl ConnectionTrait,
    user: UserId,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Money> {
    let sql = "SELECT coalesce(sum(amount), 0) FROM withdrawals
               WHERE user_id = $1 AND requested_on BETWEEN $2 AND $3 AND state <> ALL($4)";
    let total = db::fetch_scalar(
        conn,
        sql,
        [user.into(), first.into(), last.into(), State::void().into()],
    )
    .await?;
    Ok(total.unwrap_or(Money::ZERO))
}

pub(super) async fn insert(conn: &impl ConnectionTrait, new: Withdrawal) -> Result<()> {
    let insert = Entity::insert(new.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}

pub(super) async fn find(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<Option<Withdrawal>> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

/// The row, held to the end of the transaction. Whoever also needs the wallet locks that first.
pub(super) async fn lock(conn: &impl ConnectionTrait, id: WithdrawalId) -> Result<Option<Withdrawal>> {
    let sql = format!("SELECT {COLUMNS} FROM withdrawals AS w WHERE w.id = $1 FOR UPDATE");
    db::fetch_optional(conn, &sql, [id.into()]).await
}

pub(super) async fn by_bill_no(conn: &impl ConnectionTrait, bill_no: &str) -> Result<Option<Withdrawal>> {
    let found = Entity::find().filter(Column::BillNo.eq(bill_no));
    Ok(found.one(conn).await?)
}

/// The user's withdrawals that an operator may still reject, held to the end of the transaction.
pub(super) async fn lock_rejectable_of(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<Withdrawal>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM withdrawals AS w WHERE w.user_id = $1 AND w.state = ANY($2) ORDER BY w.id FOR UPDATE"
    );
    db::fetch_all(conn, &sql, [user.into(), State::Rejected.predecessors().into()]).await
}

/// Approved: due at once.
pub(super) async fn approve(conn: &impl ConnectionTrait, id: WithdrawalId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE withdrawals SET state = $3, approved_at = $2, next_attempt_at = $2, updated_at = $2
               WHERE id = $1 AND state = $4";
    let [to, from] = [State::Approved, State::Requested].map(|state| state.name().into());
    db::execute(conn, sql, [id.into(), now.into(), to, from])
        .await
        .map(|_| ())
}

/// Rejected, if it still may be.
pub(super) async fn reject(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE withdrawals SET state = $5, reason = $2, finished_at = $3, next_attempt_at = NULL, updated_at = $3
               WHERE id = $1 AND state = ANY($4)";
    let from = State::Rejected.predecessors();
    let rows = db::execute(
        conn,
        sql,
        [
            id.into(),
            reason.into(),
            now.into(),
            from.into(),
            State::Rejected.name().into(),
        ],
    )
    .await?;
    Ok(rows == 1)
}

/// Writes down what an answer taught, unless somebody else moved the withdrawal since it was `seen`.
pub(super) async fn apply(
    conn: &impl ConnectionTrait,
    seen: &Withdrawal,
    transition: &Transition,
    next_attempt_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE withdrawals
               SET state = $4, partner_state = $5, package_info = coalesce($6, package_info), reason = $7, alert = $8,
                   next_attempt_at = $9, finished_at = CASE WHEN $10 THEN NULL ELSE $11::timestamptz END, updated_at = $11
               WHERE id = $1 AND state = $2 AND attempts = $3";
    let values = [
        seen.id.into(),
        seen.state.name().into(),
        seen.attempts.into(),
        transition.state.name().into(),
        transition.partner_state.clone().into(),
        transition.package_info.clone().into(),
        transition.reason.clone().into(),
        transition.alert.clone().into(),
        next_attempt_at.into(),
        transition.state.is_open().into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// What was first submitted on a date, unless nobody knows what became of it.
pub(super) async fn submitted_on(conn: &impl ConnectionTrait, date: BusinessDate) -> Result<Vec<Withdrawal>> {
    let known = [
        State::Accepted,
        State::WaitUserConfirm,
        State::Paid,
        State::Failed,
    ];
    let found = Entity::find()
        .filter(Column::SubmittedAt.gte(date.start()))
        .filter(Column::SubmittedAt.lt(date.plus_days(1).start()))
        .filter(Column::State.is_in(known))
        .order_by_asc(Column::Id);
    Ok(found.all(conn).await?)
}

/// The withdrawals of these numbers.
pub(super) async fn by_bill_nos(
    conn: &impl ConnectionTrait,
    bill_nos: Vec<String>,
) -> Result<Vec<Withdrawal>> {
    let sql = format!("SELECT {COLUMNS} FROM withdrawals AS w WHERE w.bill_no = ANY($1)");
    db::fetch_all(conn, &sql, [bill_nos.into()]).await
}
