//! What this room asks of its neighbours, robots and identity, and nothing else does.

use crate::context::Context;
use crate::identity::model::User;
use crate::kernel::clock::BusinessDate;
use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::{RobotId, UserId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A robot, as groups need it.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Robot {
    pub id: RobotId,
    pub code: String,
    pub name: String,
    pub qr_code: String,
    pub count_threshold: i32,
    pub count_distribute: i32,
}

const ROBOT: &str = "SELECT id, code, name, qr_code, count_threshold, count_distribute FROM robots";

/// The robot with this code, unless deleted; locked, so that what is promised of it is counted once.
pub(super) async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Robot>> {
    let sql = format!("{ROBOT} WHERE code = $1 AND status <> 3 FOR NO KEY UPDATE");
    db::fetch_optional(conn, &sql, [code.into()]).await
}

/// Robots that are neither deleted nor blocked.
pub(super) async fn working(conn: &impl ConnectionTrait) -> Result<Vec<Robot>> {
    db::fetch_all(conn, &format!("{ROBOT} WHERE status IN (1, 2) ORDER BY id"), []).await
}

/// Whether a chat code is a robot's.
pub(super) async fn is_robot(conn: &impl ConnectionTrait, code: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM robots WHERE code = $1)";
    Ok(db::fetch_scalar(conn, sql, [code.into()]).await?.unwrap_or(false))
}

/// How many groups the robot has activated on a day.
pub(super) async fn activations(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    day: BusinessDate,
) -> Result<i32> {
    let sql = "SELECT activations FROM robot_days WHERE robot_id = $1 AND day = $2";
    Ok(db::fetch_scalar(conn, sql, [robot.into(), day.into()])
        .await?
        .unwrap_or(0))
}

/// The day's row, made from day-start values if there is none.
async fn open_day(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
) -> Result<()> {
    let sql = "INSERT INTO robot_days (robot_id, day, overage, display_limit)
               SELECT id, $2, least(greatest(count_threshold - count_distribute, 0), $3),
                      least(greatest(count_threshold - count_distribute, 0), $3) * $4
               FROM robots WHERE id = $1 ON CONFLICT (robot_id, day) DO NOTHING";
    let capacity = &context.config.capacity;
    let cap = capacity.distribute_amount * capacity.distribute_config;
    let values = [robot.into(), day.into(), cap.into(), capacity.display_rate.into()];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Counts an activation and tells whether the robot may still be recommended.
pub(super) async fn activate(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
    now: DateTime<Utc>,
) -> Result<bool> {
    open_day(conn, context, robot, day).await?;
    let sql = "WITH used AS (UPDATE robots SET count_distribute = count_distribute + 1, updated_at = $3 WHERE id = $1
                             RETURNING status)
               UPDATE robot_days SET activations = activations + 1 FROM used WHERE robot_id = $1 AND day = $2
               RETURNING used.status = 1 AND removed_reason IS NULL AND activations < overage AND displays < display_limit";
    Ok(
        db::fetch_scalar(conn, sql, [robot.into(), day.into(), now.into()])
            .await?
            .unwrap_or(false),
    )
}

/// Gives back so many groups of the robot's lifetime.
pub(super) async fn release(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    groups: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE robots SET count_distribute = greatest(count_distribute - $2, 0), updated_at = $3 WHERE id = $1";
    db::execute(conn, sql, [robot.into(), groups.into(), now.into()])
        .await
        .map(|_| ())
}

/// Why a robot leaves the day's pool.
#[derive(Debug, Clone, Copy)]
pub(super) enum Removal {
    BindRefused,
    LifetimeUsedUp,
}

impl Removal {
    const fn name(self) -> &'static str {
        match self {
            Removal::BindRefused => "bind_refused",
            Removal::LifetimeUsedUp => "lifetime_used_up",
        }
    }
}

/// Takes the robot out of the day's pool.
pub(super) async fn remove_for_today(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
    reason: Removal,
) -> Result<()> {
    open_day(conn, context, robot, day).await?;
    let sql = "UPDATE robot_days SET removed_reason = $3 WHERE robot_id = $1 AND day = $2 AND removed_reason IS NULL";
    db::execute(conn, sql, [robot.into(), day.into(), reason.name().into()])
        .await
        .map(|_| ())
}

/// The robot this person should use: a friend with capacity left, else one of their channel.
pub(super) async fn choose_for_user(
    conn: &impl ConnectionTrait,
    user: &User,
    current: Option<RobotId>,
    day: BusinessDate,
) -> Result<Option<Robot>> {
    let sql = "SELECT r.id, r.code, r.name, r.qr_code, r.count_threshold, r.count_distribute
               FROM robots r JOIN robot_days d ON d.robot_id = r.id AND d.day = $2
                    LEFT JOIN friendships f ON f.robot_id = r.id AND f.user_id = $1
               WHERE r.status = 1 AND d.removed_reason IS NULL AND d.activations < d.overage AND d.displays < d.display_limit
                 AND (f.user_id IS NOT NULL OR r.channel IS NULL OR r.channel = $4)
               ORDER BY (r.id = $3) IS TRUE DESC, f.user_id IS NULL, (r.channel = $4) IS TRUE DESC,
                        d.overage - d.activations DESC, r.id
               LIMIT 1";
    let current: Option<uuid::Uuid> = current.map(|robot| robot.0);
    let values = [
        user.id.into(),
        day.into(),
        current.into(),
        user.channel.clone().into(),
    ];
    db::fetch_optional(conn, sql, values).await
}

/// Notes that the user has imported a group.
pub(super) async fn note_import(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE users SET has_imported = true, updated_at = $2 WHERE id = $1 AND NOT has_imported";
    db::execute(conn, sql, [user.into(), now.into()])
        .await
        .map(|_| ())
}
