//! Which robot to offer: contracts.md 5.4.

use super::capacity;
use super::model::Robot;
use super::repo::{self, COLUMNS, RECOMMENDABLE};
use crate::identity::User;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// What came of a choice for a user.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// The robot they talk to can still open groups today.
    Current(Robot),
    /// Another one can.
    Companion(Robot),
    /// None can; the time to say "come back tomorrow".
    Nobody,
}

/// Chooses among the robots they know, then the last one they were given, then one of their channel or a general one.
/// `current` is the robot they talk to; it is noted as their friend. A robot that is not their friend yet is noted as
/// given to them. Reserves nothing.
///
/// # Errors
/// What PostgreSQL says.
pub async fn choose_for_user(
    conn: &impl ConnectionTrait,
    context: &Context,
    user: &User,
    current: Option<RobotId>,
    day: BusinessDate,
    now: DateTime<Utc>,
) -> Result<Choice> {
    capacity::open_day(conn, context, day).await?;
    if let Some(current) = current {
        repo::befriend(conn, current, user.id, now).await?;
    }
    if let Some(choice) = among_friends(friends(conn, user.id, day).await?, current) {
        return Ok(choice);
    }
    let given = match last_given(conn, user.id, day).await? {
        Some(robot) => Some(robot),
        None => draw(conn, user.channel.as_deref(), day).await?,
    };
    let Some(robot) = given else {
        return Ok(Choice::Nobody);
    };
    repo::record_distribution(conn, robot.id, user.id, now).await?;
    Ok(Choice::Companion(robot))
}

/// `offers` are recommendable friends, those with the most left first.
fn among_friends(offers: Vec<Robot>, current: Option<RobotId>) -> Option<Choice> {
    match offers.iter().find(|robot| Some(robot.id) == current) {
        Some(robot) => Some(Choice::Current(robot.clone())),
        None => offers.into_iter().next().map(Choice::Companion),
    }
}

async fn friends(conn: &impl ConnectionTrait, user: UserId, day: BusinessDate) -> Result<Vec<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM friendships AS friend JOIN robots AS robot ON robot.id = friend.robot_id
             JOIN robot_days AS day ON day.robot_id = robot.id AND day.day = $2
         WHERE friend.user_id = $1 AND {RECOMMENDABLE}
         ORDER BY day.overage - day.activations DESC, friend.created_at DESC, robot.id"
    );
    db::fetch_all(conn, &sql, [user.into(), day.into()]).await
}

/// The robot last given to them, if it is offered today; not an earlier one.
async fn last_given(conn: &impl ConnectionTrait, user: UserId, day: BusinessDate) -> Result<Option<Robot>> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM (SELECT robot_id FROM robot_distributions WHERE user_id = $1 ORDER BY created_at DESC, robot_id DESC LIMIT 1) AS given
             JOIN robots AS robot ON robot.id = given.robot_id
             JOIN robot_days AS day ON day.robot_id = robot.id AND day.day = $2
         WHERE {RECOMMENDABLE}"
    );
    db::fetch_optional(conn, &sql, [user.into(), day.into()]).await
}

/// Robots of the channel before general ones; the most left first; among equals, chance.
fn draw_sql(columns: &str) -> String {
    format!(
        "SELECT {columns} FROM robot_days AS day JOIN robots AS robot ON robot.id = day.robot_id
         WHERE day.day = $1 AND (robot.channel IS NULL OR robot.channel = $2) AND {RECOMMENDABLE}
         ORDER BY robot.channel IS NULL, day.overage - day.activations DESC, random() LIMIT 1"
    )
}

async fn draw(
    conn: &impl ConnectionTrait,
    channel: Option<&str>,
    day: BusinessDate,
) -> Result<Option<Robot>> {
    db::fetch_optional(
        conn,
        &draw_sql(COLUMNS),
        [day.into(), channel.map(str::to_owned).into()],
    )
    .await
}

/// What came of a display.
#[derive(Debug, Clone, PartialEq)]
pub enum Display {
    /// The visitor is shown this robot, and it is counted.
    Shown(Robot),
    /// Others took the robot's last display meanwhile. Choose again in a new transaction: this one keeps a lock on the
    /// robot's counters, and waiting for a second robot's with it could lock up.
    Overtaken,
    /// There is none to show.
    Nobody,
}

#[derive(FromQueryResult)]
struct Chosen {
    #[sea_orm(nested)]
    robot: Robot,
    counted: bool,
}

/// Chooses a robot for a visitor and counts the display, once per robot, day and visitor, in one conditional statement.
/// The day must be open.
///
/// # Errors
/// What PostgreSQL says.
pub async fn display_to_visitor(
    conn: &impl ConnectionTrait,
    channel: Option<&str>,
    union_id: &str,
    day: BusinessDate,
) -> Result<Display> {
    let chosen = draw_sql(COLUMNS);
    let sql = format!(
        "WITH chosen AS ({chosen}),
              new AS (INSERT INTO robot_displays (robot_id, day, union_id) SELECT id, $1, $3 FROM chosen
                      ON CONFLICT DO NOTHING RETURNING robot_id),
              counted AS (UPDATE robot_days AS day SET displays = displays + 1
                          FROM new JOIN robots AS robot ON robot.id = new.robot_id
                          WHERE day.robot_id = new.robot_id AND day.day = $1 AND {RECOMMENDABLE} RETURNING 1)
         SELECT chosen.*, (SELECT count(*) FROM new) = (SELECT count(*) FROM counted) AS counted FROM chosen"
    );
    let values: [Value; 3] = [day.into(), channel.map(str::to_owned).into(), union_id.into()];
    Ok(match db::fetch_optional::<Chosen>(conn, &sql, values).await? {
        Some(chosen) if chosen.counted => Display::Shown(chosen.robot),
        Some(_) => Display::Overtaken,
        None => Display::Nobody,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robot::model::ALLOCATABLE;
    use proptest::prelude::*;

    fn robots(count: usize) -> Vec<Robot> {
        let robot = |number: usize| Robot {
            id: RobotId::new(),
            code: format!("R-{number}"),
            name: String::new(),
            wechat_no: String::new(),
            head_url: String::new(),
            qr_code: String::new(),
            channel: None,
            count_threshold: 30,
            count_distribute: 0,
            status: ALLOCATABLE,
        };
        (0..count).map(robot).collect()
    }

    proptest! {
        #[test]
        fn the_current_robot_comes_before_the_fullest(count in 0usize..6, current in 0usize..8) {
            let offers = robots(count);
            let current = offers.get(current).map_or_else(RobotId::new, |robot| robot.id);
            match among_friends(offers.clone(), Some(current)) {
                None => prop_assert!(offers.is_empty()),
                Some(Choice::Current(robot)) => prop_assert_eq!(robot.id, current),
                Some(Choice::Companion(robot)) => {
                    prop_assert_eq!(robot.id, offers[0].id);
                    prop_assert!(offers.iter().all(|robot| robot.id != current));
                }
                Some(Choice::Nobody) => prop_assert!(false, "friends never answer for everybody"),
            }
        }
    }
}
