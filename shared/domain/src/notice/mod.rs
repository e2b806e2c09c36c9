//! What our robots say to people: the texts, in one place, and the way out.

pub mod text;
pub mod throttle;

use kernel::error::Result;
use kernel::outbox::Message;
use transport::{OutgoingMessage, RobotCode, RobotCommand, UserCode};

/// A text from a robot to a person.
///
/// # Errors
/// Never for these types.
pub fn say(robot_code: &RobotCode, user_code: &UserCode, text: impl Into<String>) -> Result<Message> {
    private(robot_code, user_code, OutgoingMessage::Text { text: text.into() })
}

/// A picture from a robot to a person.
///
/// # Errors
/// Never for these types.
pub fn show(robot_code: &RobotCode, user_code: &UserCode, url: impl Into<String>) -> Result<Message> {
    private(
        robot_code,
        user_code,
        OutgoingMessage::Picture { url: url.into() },
    )
}

fn private(robot_code: &RobotCode, user_code: &UserCode, message: OutgoingMessage) -> Result<Message> {
    RobotCommand::SendPrivateMessage {
        robot_code: robot_code.clone(),
        user_code: user_code.clone(),
        message,
    }
    .into_message()
}
