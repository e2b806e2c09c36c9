//! What every command of the menu has.

use crate::identity::User;
use crate::notice;
use crate::robot::Robot;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::outbox::Message;
use kernel::secret::Secret;
use sea_orm::DatabaseTransaction;
use transport::UserCode;

/// Somebody says something to a robot.
pub(super) struct Conversation<'a> {
    /// The transaction that handles what was said.
    pub conn: &'a DatabaseTransaction,
    pub context: &'a Context,
    /// Whom they talk to.
    pub robot: &'a Robot,
    /// Who talks.
    pub user: &'a User,
    /// Their code on the robot's network.
    pub user_code: &'a UserCode,
    pub now: DateTime<Utc>,
}

impl Conversation<'_> {
    /// The robot answers with these words.
    pub fn say(&self, words: String) -> Result<Message> {
        notice::say(&self.robot.code, self.user_code, words)
    }

    /// The robot answers with words that only the one they are for may see.
    pub fn confide(&self, words: Secret) -> Result<Message> {
        let keys = self.context.data_keys()?;
        notice::confide(&keys, &self.robot.code, self.user_code, words)
    }

    /// The day it is.
    pub fn day(&self) -> BusinessDate {
        BusinessDate::of(self.now)
    }
}

/// A line of the menu.
pub(super) struct Command {
    /// What people say for it.
    pub words: &'static [&'static str],
    /// What they are answered. Runs in the transaction of the conversation.
    pub answer: for<'a> fn(&'a Conversation<'a>) -> BoxFuture<'a, Result<Vec<Message>>>,
}
