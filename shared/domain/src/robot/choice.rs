//! Which robot to offer. Robots of one network are a pool of their own: nobody is sent on to a network they are not on.

use super::model::Robot;
use super::repo::capacity;
use super::repo::{self, offers};
use crate::identity::User;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::RobotId;
use sea_orm::ConnectionTrait;
use transport::{Network, UserCode};

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
/// `current` is the robot they talk to, which tells their network; it is noted as their friend. A robot that is not their friend yet is noted as
/// given to them. Reserves nothing.
pub async fn choose_for_user(
    conn: &impl ConnectionTrait,
    context: &Context,
    user: &User,
    current: Option<&Robot>,
    day: BusinessDate,
    now: DateTime<Utc>,
) -> Result<Choice> {
    capacity::open_day(conn, context, day).await?;
    let network = network_of(user, current);
    if let Some(current) = current {
        repo::befriend(conn, current.id, user.id, now).await?;
    }
    let friends = offers::of_friends(conn, user.id, &network, day).await?;
    if let Some(choice) = among_friends(friends, current.map(|robot| robot.id)) {
        return Ok(choice);
    }
    let given = match offers::last_given(conn, user.id, &network, day).await? {
        Some(robot) => Some(robot),
        None => offers::draw(conn, &network, user.channel.as_deref(), day).await?,
    };
    let Some(robot) = given else {
        return Ok(Choice::Nobody);
    };
    repo::record_distribution(conn, robot.id, user.id, now).await?;
    Ok(Choice::Companion(robot))
}

/// The network a person is served on: that of the robot they talk to, else the one they were met on, else the gateway's,
/// where visitors come from.
pub fn network_of(user: &User, current: Option<&Robot>) -> Network {
    let met_on = || user.code.as_ref().map(UserCode::network);
    current
        .map(|robot| robot.code.network())
        .or_else(met_on)
        .unwrap_or_else(Network::gateway)
}

/// `offers` are recommendable friends, those with the most left first.
fn among_friends(offers: Vec<Robot>, current: Option<RobotId>) -> Option<Choice> {
    match offers.iter().find(|robot| Some(robot.id) == current) {
        Some(robot) => Some(Choice::Current(robot.clone())),
        None => offers.into_iter().next().map(Choice::Companion),
    }
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

/// Chooses a robot of the network for a visitor and counts the display, once per robot, day and visitor, in one conditional statement.
/// The day must be open.
pub async fn display_to_visitor(
    conn: &impl ConnectionTrait,
    network: &Network,
    channel: Option<&str>,
    union_id: &str,
    day: BusinessDate,
) -> Result<Display> {
    Ok(
        match offers::display(conn, network, channel, union_id, day).await? {
            Some(chosen) if chosen.counted => Display::Shown(chosen.robot),
            Some(_) => Display::Overtaken,
            None => Display::Nobody,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robot::model::RobotStatus;
    use proptest::prelude::*;

    fn robots(count: usize) -> Vec<Robot> {
        let robot = |number: usize| Robot {
            id: RobotId::new(),
            code: format!("R-{number}").parse().unwrap(),
            name: String::new(),
            wechat_no: String::new(),
            head_url: String::new(),
            qr_code: String::new(),
            channel: None,
            count_threshold: 30,
            count_distribute: 0,
            status: RobotStatus::Allocatable,
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
