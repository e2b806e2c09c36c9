//! What robots say to people, as messages of the outbox.

use kernel::data_keys::DataKeys;
use kernel::error::Result;
use kernel::outbox::Message;
use kernel::secret::Secret;
use transport::{OutgoingMessage, RobotCode, RobotCommand, UserCode};

/// A text from a robot to a person.
///
/// # Errors
/// Never for these types.
pub fn say(robot_code: &RobotCode, user_code: &UserCode, text: impl Into<String>) -> Result<Message> {
    private(robot_code, user_code, OutgoingMessage::Text { text: text.into() })
}

/// A text from a robot to a person that nobody else may read.
///
/// # Errors
/// Never for these types.
pub fn confide(
    keys: &DataKeys,
    robot_code: &RobotCode,
    user_code: &UserCode,
    text: Secret,
) -> Result<Message> {
    private_command(robot_code, user_code, OutgoingMessage::SecretText { text }).into_sealed_message(keys)
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
    private_command(robot_code, user_code, message).into_message()
}

fn private_command(robot_code: &RobotCode, user_code: &UserCode, message: OutgoingMessage) -> RobotCommand {
    RobotCommand::SendPrivateMessage {
        robot_code: robot_code.clone(),
        user_code: user_code.clone(),
        message,
    }
}
