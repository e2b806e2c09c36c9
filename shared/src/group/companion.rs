//! Sending people on to another robot.

use super::robots::{self, Robot};
use crate::identity::model::User;
use crate::kernel::clock::BusinessDate;
use crate::kernel::error::Result;
use crate::kernel::outbox::{self, Message};
use crate::notice::{self, text};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

/// Opening a group with this robot was refused: withdraw the invitation, and take a companion, or come back later.
pub(super) async fn refuse(
    conn: &impl ConnectionTrait,
    robot: &Robot,
    user: &User,
    user_code: &str,
    group_name: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let chosen = robots::choose_for_user(conn, user, None, BusinessDate::of(now)).await?;
    let say = |text: String| notice::say(&robot.code, user_code, text);
    let messages = match chosen {
        Some(companion) if companion.id != robot.id => vec![
            say(text::group::opening_failed(group_name))?,
            say(text::group::pull_companion(&companion.name))?,
            notice::show(&robot.code, user_code, companion.qr_code)?,
        ],
        // Full of openings that are under way, some of which will come to nothing.
        Some(_) => vec![say(text::group::try_again_soon())?],
        None => vec![say(text::come_back_tomorrow())?],
    };
    outbox::push(conn, now, messages).await
}

/// 5.5: what the person hears whose activation was the robot's last.
pub(super) async fn after_last(
    conn: &impl ConnectionTrait,
    robot: &Robot,
    user: &User,
    user_code: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Message>> {
    let chosen = robots::choose_for_user(conn, user, Some(robot.id), BusinessDate::of(now)).await?;
    let say = |text: String| notice::say(&robot.code, user_code, text);
    Ok(match chosen {
        Some(companion) if companion.id != robot.id => vec![
            say(text::group::quota_used_up(&companion.name))?,
            notice::show(&robot.code, user_code, companion.qr_code)?,
        ],
        Some(_) => Vec::new(),
        None => vec![say(text::come_back_tomorrow())?],
    })
}
