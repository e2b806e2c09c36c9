//! The counters of a business day: opened, counted, taken out. `robot_days` is the only truth.

use crate::robot::model::{DayCounters, Removal, RobotStatus, Shortage};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::RobotId;
use sea_orm::ConnectionTrait;
use transport::Network;

const COUNTERS: &str =
    "SELECT day.robot_id, robot.code, robot.name, robot.channel, robot.status, day.overage,
            day.display_limit, day.displays, day.activations, day.removed_reason
     FROM robot_days AS day JOIN robots AS robot ON robot.id = day.robot_id";

/// Opens a day for every robot that has no row yet; tells how many got one. A robot's overage is what its lifetime
/// leaves, at most `distribute_amount × distribute_config`. Every activation goes through an open day, so a robot
/// without a row has none that day and its lifetime is still the day-start's.
pub async fn open_day(conn: &impl ConnectionTrait, context: &Context, day: BusinessDate) -> Result<u64> {
    let (cap, rate) = (daily_cap(context)?, context.config.capacity.display_rate);
    // In the order of ids, so that two openings at once wait for each other instead of locking up.
    let sql = format!(
        "INSERT INTO robot_days (robot_id, day, overage, display_limit)
         SELECT id, $1, overage, overage * $3
         FROM (SELECT id, greatest(least(count_threshold - count_distribute, $2), 0) AS overage
               FROM robots WHERE status <> {deleted}) AS robot
         WHERE NOT EXISTS (SELECT FROM robot_days WHERE robot_id = robot.id AND day = $1)
         ORDER BY id
         ON CONFLICT DO NOTHING",
        deleted = RobotStatus::Deleted
    );
    db::execute(conn, &sql, [day.into(), cap.into(), rate.into()]).await
}

fn daily_cap(context: &Context) -> Result<i32> {
    let config = &context.config.capacity;
    let cap = config.distribute_amount.checked_mul(config.distribute_config);
    cap.ok_or_else(|| Error::internal("capacity.distribute_amount × capacity.distribute_config is too much"))
}

/// Fits a robot's day to a lifetime that an operator changed: what is left of it now may still be activated today, up to
/// the day's cap. What was displayed and activated stays counted. A robot that was out because its lifetime was used up
/// is offered again when there is some.
pub(in crate::robot) async fn resize(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
) -> Result<()> {
    open_day(conn, context, day).await?;
    let (cap, rate) = (daily_cap(context)?, context.config.capacity.display_rate);
    let sql = "UPDATE robot_days AS day
               SET overage = fitted.overage, display_limit = greatest(fitted.overage * $4, day.displays),
                   removed_reason = CASE WHEN fitted.remaining > 0 THEN nullif(day.removed_reason, $5) ELSE day.removed_reason END
               FROM (SELECT remaining, least(activations + remaining, $3) AS overage
                     FROM (SELECT activations, greatest(count_threshold - count_distribute, 0) AS remaining
                           FROM robots JOIN robot_days ON robot_id = id
                           WHERE robot_id = $1 AND day = $2) AS lifetime) AS fitted
               WHERE day.robot_id = $1 AND day.day = $2";
    let values = [
        robot.into(),
        day.into(),
        cap.into(),
        rate.into(),
        Removal::LifetimeUsedUp.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Counts a bound group, for the day and for life. A success always counts, also above the overage. Tells the counters
/// afterwards. Part of the transaction that binds the group.
///
/// # Errors
/// 1404 when there is no such robot.
pub async fn activate(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
    now: DateTime<Utc>,
) -> Result<DayCounters> {
    open_day(conn, context, day).await?;
    let sql = "UPDATE robots SET count_distribute = count_distribute + 1, updated_at = $2 WHERE id = $1";
    db::execute(conn, sql, [robot.into(), now.into()]).await?;
    let sql = "UPDATE robot_days SET activations = activations + 1 WHERE robot_id = $1 AND day = $2";
    db::execute(conn, sql, [robot.into(), day.into()]).await?;
    counters_of(conn, robot, day).await
}

/// Activations of a robot on a day; 0 where the day is not open.
pub async fn activations(conn: &impl ConnectionTrait, robot: RobotId, day: BusinessDate) -> Result<i32> {
    let sql = "SELECT activations FROM robot_days WHERE robot_id = $1 AND day = $2";
    let activations = db::fetch_scalar(conn, sql, [robot.into(), day.into()]).await?;
    Ok(activations.unwrap_or(0))
}

/// Gives the places of so many groups in the robot's lifetime back. The day's quota stays used.
pub async fn release(
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

/// Takes a robot out for the rest of the day. The first reason stays.
pub async fn remove_for_today(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: RobotId,
    day: BusinessDate,
    reason: Removal,
) -> Result<()> {
    open_day(conn, context, day).await?;
    let sql = "UPDATE robot_days SET removed_reason = $3 WHERE robot_id = $1 AND day = $2 AND removed_reason IS NULL";
    db::execute(conn, sql, [robot.into(), day.into(), reason.into()])
        .await
        .map(|_| ())
}

/// Takes a robot in again that was out for the day for this reason; true when it was.
pub(in crate::robot) async fn lift_removal(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    day: BusinessDate,
    reason: Removal,
) -> Result<bool> {
    let sql = "UPDATE robot_days SET removed_reason = NULL WHERE robot_id = $1 AND day = $2 AND removed_reason = $3";
    Ok(db::execute(conn, sql, [robot.into(), day.into(), reason.into()]).await? == 1)
}

/// One robot's counters.
///
/// # Errors
/// 1404 when it has no row that day.
pub async fn counters_of(
    conn: &impl ConnectionTrait,
    robot: RobotId,
    day: BusinessDate,
) -> Result<DayCounters> {
    let sql = format!("{COUNTERS} WHERE day.robot_id = $1 AND day.day = $2");
    db::fetch_optional(conn, &sql, [robot.into(), day.into()])
        .await?
        .ok_or_else(|| Error::not_found("robot"))
}

/// Every robot's counters on a day, by code.
pub async fn list(conn: &impl ConnectionTrait, day: BusinessDate) -> Result<Vec<DayCounters>> {
    let sql = format!(
        "{COUNTERS} WHERE day.day = $1 AND robot.status <> {deleted} ORDER BY robot.code",
        deleted = RobotStatus::Deleted
    );
    db::fetch_all(conn, &sql, [day.into()]).await
}

/// Why the network has no robot for people of this channel.
pub async fn shortage(
    conn: &impl ConnectionTrait,
    network: &Network,
    channel: Option<&str>,
    day: BusinessDate,
) -> Result<Shortage> {
    let mut all = list(conn, day).await?;
    all.retain(|robot| robot.code.network() == *network);
    let (registered, mut theirs) = (all.len(), all);
    theirs.retain(|robot| robot.channel.is_none() || robot.channel.as_deref() == channel);
    Ok(Shortage::of(registered, &theirs))
}
