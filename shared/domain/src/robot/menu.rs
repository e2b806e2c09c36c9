//! What people say to a robot in private: contracts.md 1.3, so far the menu, the home page and the question for capacity.

use super::choice::{Choice, choose_for_user};
use super::{companion, link, repo};
use crate::identity;
use crate::notice::{self, text};
use crate::tracking::activity;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::outbox;
use sea_orm::ConnectionTrait;
use transport::PrivateMessage;

/// The gateway's and our number for text.
const TEXT: i32 = 3;

/// Answers the menu; everything else is only counted.
///
/// # Errors
/// What PostgreSQL says.
pub async fn private_message(
    conn: &impl ConnectionTrait,
    context: &Context,
    message: &PrivateMessage,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    let Some(user) = identity::by_code(conn, &message.user_code).await? else {
        return Ok("unknown user");
    };
    let Some(robot) = repo::by_code(conn, &message.robot_code).await? else {
        return Ok("unknown robot");
    };
    let day = BusinessDate::of(now);
    activity::chatted(conn, user.id, day).await?;
    let wanted = match message.kind {
        TEXT => message.content.trim(),
        _ => "",
    };
    let say = |words: String| notice::say(&robot.code, &message.user_code, words);
    let answer = match wanted {
        "菜单" => vec![say(text::robot::menu())?],
        "1" => {
            let words = text::robot::home(&link::home(context, user.id, now)?);
            vec![notice::confide(
                &context.data_keys()?,
                &robot.code,
                &message.user_code,
                words,
            )?]
        }
        "6" => match choose_for_user(conn, context, &user, Some(robot.id), day, now).await? {
            Choice::Current(_) => vec![say(text::robot::can_still_open())?],
            other => companion::push(
                &robot.code,
                &message.user_code,
                other,
                text::robot::ask_my_companion,
            )?,
        },
        _ => return Ok("kept"),
    };
    outbox::push(conn, now, answer).await?;
    Ok("answered")
}
