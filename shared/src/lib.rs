//! The business of gpet. Knows neither HTTP routes nor cron.
//!
//! Data flows one way: route or job → `service` → `repo` → `entity`. A room never calls another room's repo, and rooms
//! form no cycles: identity, referral ← robot ← group ← settlement → ledger ← withdrawal.

pub mod context;
pub mod kernel;

pub use context::Context;
pub use kernel::error::{Error, Result};
