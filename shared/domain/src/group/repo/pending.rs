//! Binds that are under way, and unbindings that overtook theirs.

use super::super::model::BindState;
use crate::group::entity::pending_bind::{Column, Entity, Model as Pending};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::RobotId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect, SelectExt,
};
use transport::{Binding, CancelReason, GroupCode, RobotCode, Unbound, UserCode};

impl From<Pending> for Binding {
    /// The message it came from.
    fn from(pending: Pending) -> Self {
        Binding {
            group_code: pending.group_code,
            robot_code: pending.robot_code,
            user_code: pending.user_code,
            name: pending.name,
        }
    }
}

/// Writes how far the group's bind has come; a group has one bind under way, the newest.
pub(in super::super) async fn put(
    conn: &impl ConnectionTrait,
    binding: &Binding,
    robot: RobotId,
    state: BindState,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let pending = Pending {
        group_code: binding.group_code.clone(),
        robot_id: robot,
        robot_code: binding.robot_code.clone(),
        user_code: binding.user_code.clone(),
        name: binding.name.clone(),
        state,
        created_at: now,
        expires_at,
    };
    let newest = OnConflict::column(Column::GroupCode)
        .update_columns(Column::iter())
        .to_owned();
    let insert = Entity::insert(pending.into_active_model()).on_conflict(newest);
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// The bind of this group by this robot, if the gateway has been asked for it since `since`.
pub(in super::super) async fn asked_since(
    conn: &impl ConnectionTrait,
    group_code: &GroupCode,
    since: DateTime<Utc>,
) -> Result<bool> {
    let asked = Entity::find_by_id(group_code.clone())
        .filter(Column::State.eq(BindState::Asked))
        .filter(Column::CreatedAt.gt(since));
    Ok(asked.exists(conn).await?)
}

/// The bind of this group by this robot, locked.
pub(in super::super) async fn of_pair(
    conn: &impl ConnectionTrait,
    group_code: &GroupCode,
    robot_code: &RobotCode,
) -> Result<Option<Pending>> {
    let pending = Entity::find_by_id(group_code.clone()).filter(Column::RobotCode.eq(robot_code));
    Ok(pending.lock_exclusive().one(conn).await?)
}

/// Binds that wait for this person to be known, oldest first.
pub(in super::super) async fn waiting_for(
    conn: &impl ConnectionTrait,
    user_code: &UserCode,
    now: DateTime<Utc>,
) -> Result<Vec<Pending>> {
    let waiting = Entity::find()
        .filter(Column::UserCode.eq(user_code))
        .filter(Column::State.ne(BindState::Asked))
        .filter(Column::ExpiresAt.gt(now))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::GroupCode);
    Ok(waiting.all(conn).await?)
}

/// Binds the gateway has been asked for with this robot that have not expired, except this group's.
pub(in super::super) async fn count_asked(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    but_for: &GroupCode,
    now: DateTime<Utc>,
) -> Result<i64> {
    let sql = "SELECT count(*) FROM pending_binds WHERE robot_id = $1 AND state = 'asked' AND expires_at > $2 AND group_code <> $3";
    Ok(
        db::fetch_scalar(conn, sql, [robot.into(), now.into(), but_for.into()])
            .await?
            .unwrap_or(0),
    )
}

/// The group's bind is over.
pub(in super::super) async fn delete(conn: &impl ConnectionTrait, group_code: &GroupCode) -> Result<()> {
    Entity::delete_by_id(group_code.clone()).exec(conn).await?;
    Ok(())
}

/// Keeps an unbinding whose bind has not arrived.
pub(in super::super) async fn put_tombstone(
    conn: &impl ConnectionTrait,
    event: &Unbound,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let sql =
        "INSERT INTO unbind_tombstones (group_code, robot_code, reason, expires_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (group_code, robot_code) DO UPDATE SET reason = $3, expires_at = $4";
    let values = [
        event.group_code.clone().into(),
        event.robot_code.clone().into(),
        event.reason.into(),
        expires_at.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Takes the unbinding that overtook this bind, if one did, and tells its reason.
pub(in super::super) async fn take_tombstone(
    conn: &impl ConnectionTrait,
    binding: &Binding,
    now: DateTime<Utc>,
) -> Result<Option<CancelReason>> {
    let sql = "WITH taken AS (DELETE FROM unbind_tombstones WHERE group_code = $1 AND robot_code = $2 RETURNING reason, expires_at)
               SELECT reason FROM taken WHERE expires_at > $3";
    let values = [
        binding.group_code.clone().into(),
        binding.robot_code.clone().into(),
        now.into(),
    ];
    db::fetch_scalar(conn, sql, values).await
}
