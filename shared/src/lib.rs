//! The business of gpet. Knows neither HTTP routes nor cron.
//!
//! Data flows one way: route or job → `service` → `repo` → `entity`. A room never calls another room's repo, and rooms
//! form no cycles: identity, referral ← robot ← group ← settlement → ledger ← withdrawal.

pub mod context;
pub mod delivery;
pub mod entity;
pub mod group;
pub mod identity;
pub mod kernel;
pub mod ledger;
pub mod notice;
pub mod partners;
pub mod referral;
pub mod robot;
pub mod settlement;
pub mod tracking;
pub mod transport;
pub mod withdrawal;

pub use context::Context;
pub use kernel::error::{Error, Result};
