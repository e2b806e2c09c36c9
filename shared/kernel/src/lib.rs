//! What every room needs, and nothing that only one room needs: time, money, ids, errors, configuration, the stores, and
//! what makes use cases happen once.
//!
//! The lowest floor of the business library: it knows no room, no partner and no chat network.
//!
//! Whatever asks the database fails with 503 while PostgreSQL is away or has no connection free, and with 1500 for any
//! other error of the database. `# Errors` names what comes besides.

pub mod any_json;
pub mod audit;
pub mod bulk;
pub mod cache;
pub mod clock;
pub mod code;
pub mod config;
mod context;
pub mod crypto;
pub mod data_keys;
pub mod dates;
pub mod db;
pub mod enums;
pub mod error;
pub mod external;
pub mod found;
pub mod http;
pub mod id;
pub mod idempotency;
pub mod inbox;
pub mod job_run;
pub mod listing;
pub mod money;
pub mod openapi;
pub mod outbox;
pub mod page;
pub mod partitions;
pub mod readiness;
pub mod secret;
pub mod sort;
pub mod telemetry;

pub use context::Context;
pub use error::{Error, Result};
