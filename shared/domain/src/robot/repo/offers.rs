//! Which robots are offered today: those of one network, as far as their day leaves anything.

use super::super::model::Robot;
use super::{COLUMNS, recommendable};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use transport::Network;

/// The friends of theirs that are offered today, those with the most left first.
pub(in super::super) async fn of_friends(
    conn: &impl ConnectionTrait,
    user: UserId,
    network: &Network,
    day: BusinessDate,
) -> Result<Vec<Robot>> {
    let recommendable = recommendable();
    let sql = format!(
        "SELECT {COLUMNS} FROM friendships AS friend JOIN robots AS robot ON robot.id = friend.robot_id
             JOIN robot_days AS day ON day.robot_id = robot.id AND day.day = $2
         WHERE friend.user_id = $1 AND robot.network = $3 AND {recommendable}
         ORDER BY day.overage - day.activations DESC, friend.created_at DESC, robot.id"
    );
    let values = [user.into(), day.into(), network.clone().into()];
    db::fetch_all(conn, &sql, values).await
}

/// The robot of the network last given to them, if it is offered today; not an earlier one.
pub(in super::super) async fn last_given(
    conn: &impl ConnectionTrait,
    user: UserId,
    network: &Network,
    day: BusinessDate,
) -> Result<Option<Robot>> {
    let recommendable = recommendable();
    let sql = format!(
        "SELECT {COLUMNS}
         FROM (SELECT given.robot_id FROM robot_distributions AS given JOIN robots ON robots.id = given.robot_id
               WHERE given.user_id = $1 AND robots.network = $3
               ORDER BY given.created_at DESC, given.robot_id DESC LIMIT 1) AS given
             JOIN robots AS robot ON robot.id = given.robot_id
             JOIN robot_days AS day ON day.robot_id = robot.id AND day.day = $2
         WHERE {recommendable}"
    );
    let values = [user.into(), day.into(), network.clone().into()];
    db::fetch_optional(conn, &sql, values).await
}

/// Robots of the channel before general ones; the most left first; among equals, chance.
fn draw_sql(columns: &str) -> String {
    let recommendable = recommendable();
    format!(
        "SELECT {columns} FROM robot_days AS day JOIN robots AS robot ON robot.id = day.robot_id
         WHERE day.day = $1 AND robot.network = $2 AND (robot.channel IS NULL OR robot.channel = $3) AND {recommendable}
         ORDER BY robot.channel IS NULL, day.overage - day.activations DESC, random() LIMIT 1"
    )
}

/// A robot for people of this channel.
pub(in super::super) async fn draw(
    conn: &impl ConnectionTrait,
    network: &Network,
    channel: Option<&str>,
    day: BusinessDate,
) -> Result<Option<Robot>> {
    db::fetch_optional(
        conn,
        &draw_sql(COLUMNS),
        [
            day.into(),
            network.clone().into(),
            channel.map(str::to_owned).into(),
        ],
    )
    .await
}

/// A robot drawn for a visitor.
#[derive(FromQueryResult)]
pub(in super::super) struct Chosen {
    #[sea_orm(nested)]
    pub robot: Robot,
    /// Whether the display is counted; others were faster if not.
    pub counted: bool,
}

/// Draws a robot and counts its display, once a robot, day and visitor, in one conditional statement.
pub(in super::super) async fn display(
    conn: &impl ConnectionTrait,
    network: &Network,
    channel: Option<&str>,
    union_id: &str,
    day: BusinessDate,
) -> Result<Option<Chosen>> {
    let chosen = draw_sql(COLUMNS);
    let recommendable = recommendable();
    let sql = format!(
        "WITH chosen AS ({chosen}),
              new AS (INSERT INTO robot_displays (robot_id, day, union_id) SELECT id, $1, $4 FROM chosen
                      ON CONFLICT DO NOTHING RETURNING robot_id),
              counted AS (UPDATE robot_days AS day SET displays = displays + 1
                          FROM new JOIN robots AS robot ON robot.id = new.robot_id
                          WHERE day.robot_id = new.robot_id AND day.day = $1 AND {recommendable} RETURNING 1)
         SELECT chosen.*, (SELECT count(*) FROM new) = (SELECT count(*) FROM counted) AS counted FROM chosen"
    );
    let values: [Value; 4] = [
        day.into(),
        network.clone().into(),
        channel.map(str::to_owned).into(),
        union_id.into(),
    ];
    db::fetch_optional(conn, &sql, values).await
}
