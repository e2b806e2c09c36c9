//! Binds that are under way, and unbindings that overtook theirs.

use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::RobotId;
use crate::transport::{Binding, Unbound};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How far a bind has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum State {
    WaitingForUser,
    Asked,
    Bound,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            State::WaitingForUser => "waiting_for_user",
            State::Asked => "asked",
            State::Bound => "bound",
        }
    }
}

/// A bind that is under way.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Pending {
    group_code: String,
    robot_code: String,
    user_code: String,
    name: String,
    state: String,
}

impl Pending {
    /// Whether the gateway has bound it already.
    pub fn bound(&self) -> bool {
        self.state == State::Bound.name()
    }

    /// Whether the gateway has been asked.
    pub fn asked(&self) -> bool {
        self.state == State::Asked.name()
    }

    /// The message it came from.
    pub fn into_binding(self) -> Binding {
        Binding {
            group_code: self.group_code,
            robot_code: self.robot_code,
            user_code: self.user_code,
            name: self.name,
        }
    }
}

const PENDING: &str = "SELECT group_code, robot_code, user_code, name, state FROM pending_binds";

/// Writes how far the group's bind has come; a group has one bind under way, the newest.
pub(in super::super) async fn put(
    conn: &impl ConnectionTrait,
    binding: &Binding,
    robot: RobotId,
    state: State,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO pending_binds (group_code, robot_id, robot_code, user_code, name, state, created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (group_code) DO UPDATE SET robot_id = $2, robot_code = $3, user_code = $4, name = $5, state = $6,
                      created_at = $7, expires_at = $8";
    let values = [
        binding.group_code.clone().into(),
        robot.into(),
        binding.robot_code.clone().into(),
        binding.user_code.clone().into(),
        binding.name.clone().into(),
        state.name().into(),
        now.into(),
        expires_at.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// The bind of this group by this robot, if the gateway has been asked for it since `since`.
pub(in super::super) async fn asked_since(
    conn: &impl ConnectionTrait,
    group_code: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pending_binds WHERE group_code = $1 AND state = 'asked' AND created_at > $2)";
    Ok(db::fetch_scalar(conn, sql, [group_code.into(), since.into()])
        .await?
        .unwrap_or(false))
}

/// The bind of this group by this robot.
pub(in super::super) async fn of_pair(
    conn: &impl ConnectionTrait,
    group_code: &str,
    robot_code: &str,
) -> Result<Option<Pending>> {
    let sql = format!("{PENDING} WHERE group_code = $1 AND robot_code = $2 FOR UPDATE");
    db::fetch_optional(conn, &sql, [group_code.into(), robot_code.into()]).await
}

/// Binds that wait for this person to be known, oldest first.
pub(in super::super) async fn waiting_for(
    conn: &impl ConnectionTrait,
    user_code: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Pending>> {
    let sql = format!(
        "{PENDING} WHERE user_code = $1 AND state IN ('waiting_for_user', 'bound') AND expires_at > $2 ORDER BY created_at, group_code"
    );
    db::fetch_all(conn, &sql, [user_code.into(), now.into()]).await
}

/// Binds the gateway has been asked for with this robot that have not expired, but for this group's.
pub(in super::super) async fn count_asked(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    but_for: &str,
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
pub(in super::super) async fn drop(conn: &impl ConnectionTrait, group_code: &str) -> Result<()> {
    db::execute(
        conn,
        "DELETE FROM pending_binds WHERE group_code = $1",
        [group_code.into()],
    )
    .await
    .map(|_| ())
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
) -> Result<Option<i16>> {
    let sql = "WITH taken AS (DELETE FROM unbind_tombstones WHERE group_code = $1 AND robot_code = $2 RETURNING reason, expires_at)
               SELECT reason FROM taken WHERE expires_at > $3";
    let values = [
        binding.group_code.clone().into(),
        binding.robot_code.clone().into(),
        now.into(),
    ];
    db::fetch_scalar(conn, sql, values).await
}
