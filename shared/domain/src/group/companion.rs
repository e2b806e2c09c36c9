//! Sending people on to another robot.

use crate::identity::User;
use crate::notice::{self, text};
use crate::robot::Robot;
use crate::robot::companion::push;
use crate::robot::{Choice, choose_for_user};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::outbox::{self, Message};
use sea_orm::ConnectionTrait;
use transport::UserCode;

/// Opening a group with this robot was refused: withdraw the invitation, and take a companion, or come back later.
pub(super) async fn refuse(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: &Robot,
    user: &User,
    user_code: &UserCode,
    group_name: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let chosen = choose_for_user(conn, context, user, None, BusinessDate::of(now), now).await?;
    let say = |text: String| notice::say(&robot.code, user_code, text);
    let messages = match chosen {
        // Full of openings that are under way, some of which will come to nothing.
        Choice::Current(same) | Choice::Companion(same) if same.id == robot.id => {
            vec![say(text::group::try_again_soon())?]
        }
        Choice::Current(companion) | Choice::Companion(companion) => vec![
            say(text::group::opening_failed(group_name))?,
            say(text::group::pull_companion(&companion.name))?,
            notice::show(&robot.code, user_code, companion.qr_code)?,
        ],
        Choice::Nobody => vec![say(text::come_back_tomorrow())?],
    };
    outbox::push(conn, now, messages).await
}

/// What the person hears whose activation was the robot's last.
pub(super) async fn after_last(
    conn: &impl ConnectionTrait,
    context: &Context,
    robot: &Robot,
    user: &User,
    user_code: &UserCode,
    now: DateTime<Utc>,
) -> Result<Vec<Message>> {
    let chosen = choose_for_user(conn, context, user, Some(robot), BusinessDate::of(now), now).await?;
    push(&robot.code, user_code, chosen, text::group::quota_used_up)
}
