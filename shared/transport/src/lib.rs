//! How robots are driven: events in, commands out. Chat networks are plural: each has a transport of one small trait, and
//! nothing outside a transport's own folder knows its wire format. The README tells what the product relies on.

mod abilities;
mod cancel_reason;
mod code;
mod command;
mod event;
pub mod gateway;
mod network;
mod robot_transport;
mod transports;

pub use abilities::Abilities;
pub use cancel_reason::CancelReason;
pub use code::{GroupCode, InvalidCode, RobotCode, UserCode};
pub use command::{CommandOutcome, MessageKind, OutgoingMessage, RobotCommand, give_up_sends};
pub use event::*;
pub use network::Network;
pub use robot_transport::{Intake, RawMessage, RobotTransport};
pub use transports::Transports;

use kernel::config::Config;
use kernel::error::Result;
use std::sync::Arc;

/// The transports that the configuration names.
///
/// # Errors
/// When no client can be made.
pub fn connect(config: &Config) -> Result<Transports> {
    let gateway: Arc<dyn RobotTransport> = Arc::new(gateway::Gateway::new(&config.gateway)?);
    Transports::new([gateway])
}
