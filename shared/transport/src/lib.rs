//! How robots are driven: events in, commands out. One small trait, so that further transports fit beside the gateway;
//! nothing outside a transport's own file knows its wire format.

mod command;
mod event;
pub mod gateway;

pub use command::{Delivery, OutgoingMessage, RobotCommand, give_up_sends};
pub use event::*;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::error::Result;
use kernel::inbox::Arrival;
use uuid::Uuid;

/// A chat network's way in and out.
#[async_trait]
pub trait RobotTransport: Send + Sync {
    /// Its name in the inbox.
    fn name(&self) -> &'static str;

    /// Reads a raw message far enough to file it: its key, command and lane, or why it is malformed. The time of arrival
    /// tells copies from genuine repeats where the message itself does not.
    fn file(&self, message_id: Option<&str>, body: &[u8], arrived_at: DateTime<Utc>) -> Arrival;

    /// Reads a filed message whole.
    ///
    /// # Errors
    /// 1403 naming the field that is missing or wrong.
    fn read(&self, body: &[u8]) -> Result<RobotEvent>;

    /// Whether carrying this command out a second time, under the same id, changes nothing.
    fn repeatable(&self, command: &RobotCommand) -> bool;

    /// Carries out a command once. `id` is the same over retries.
    async fn execute(&self, id: Uuid, command: &RobotCommand) -> Delivery;

    /// What the network says of a robot.
    ///
    /// # Errors
    /// 1101 when it does not answer, 1404 when it knows no such robot.
    async fn robot(&self, robot_code: &str) -> Result<RobotProfile>;

    /// Codes of the groups the network sees the robot in.
    ///
    /// # Errors
    /// As [`RobotTransport::robot`].
    async fn groups_of(&self, robot_code: &str) -> Result<Vec<String>>;
}
