//! The partners of gpet, played by one program on one port: robot gateway, delivery system, WeChat Pay, WeChat
//! OAuth and SMS, in their real wire formats, with signatures checked and books kept.
//!
//! Tests start it in their own process with [`start`] and talk to it through [`Control`]; people run the binary.
//! The README beside this crate describes the addresses, the scripts and the control API.

mod call;
mod clock;
pub mod control;
pub mod gateway;
pub mod keys;
pub mod launch;
mod oauth;
mod partners;
pub mod received;
mod reply;
pub mod script;
mod server;
pub mod settings;
pub mod sms;
mod storage;
pub mod wxpay;

pub use control::Control;
pub use keys::Keys;
pub use script::{Action, Partner, Rule};
pub use server::{Simulator, start};
pub use settings::Settings;
