//! Sending a person on to another robot.

use super::choice::Choice;
use crate::notice::{self, text};
use kernel::error::Result;
use kernel::outbox::Message;
use transport::{RobotCode, UserCode};

/// What `speaker` tells a person after a choice: nothing when it can serve them itself, a text and the companion's QR
/// code, or to come back tomorrow.
///
/// # Errors
/// Never for these types.
pub fn push(
    speaker: &RobotCode,
    user_code: &UserCode,
    choice: Choice,
    words: impl FnOnce(&str) -> String,
) -> Result<Vec<Message>> {
    match choice {
        Choice::Current(_) => Ok(Vec::new()),
        Choice::Companion(companion) => Ok(vec![
            notice::say(speaker, user_code, words(&companion.name))?,
            notice::show(speaker, user_code, companion.qr_code)?,
        ]),
        Choice::Nobody => Ok(vec![notice::say(speaker, user_code, text::come_back_tomorrow())?]),
    }
}
