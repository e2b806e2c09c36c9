//! Private PostgreSQL, Redis and RabbitMQ for `cargo xtask` and for the tests.
//!
//! [`provision`](provision::provision) finds the three servers (or installs Debian's), [`Stack::start`] runs instances of
//! our own on loopback with their data under one folder, and [`Endpoints`] is what a process needs to attach to them.
//!
//! What this crate promises:
//! - servers that already run on the machine are never touched; ports, passwords and data are our own;
//! - no server outlives the process that started it, also when that one is killed with -9;
//! - a second start in the same folder finds the same data, passwords and (when still free) ports.

mod checkout;
mod databases;
mod endpoints;
mod files;
mod owned;
mod policies;
mod ports;
mod postgres;
mod proc_table;
mod process;
pub mod provision;
mod rabbitmq;
mod ready;
mod redis;
mod run_as;
mod secret;
#[allow(clippy::module_inception, reason = "the crate is named after its main type")]
mod stack;
mod state;
mod vhosts;

pub use checkout::{PROGRAMS_VARIABLE, checkout};
pub use endpoints::{ENDPOINTS_VARIABLE, Endpoints, PostgresEndpoint, RabbitMqEndpoint, RedisEndpoint};
pub use files::{tail, write_private};
pub use owned::OwnedCommand;
pub use policies::{POLICIES, Policy};
pub use ports::free_ports;
pub use postgres::Postgres;
pub use process::Process;
pub use rabbitmq::RabbitMq;
pub use redis::Redis;
pub use secret::random_hex;
pub use stack::{Options, Stack};

/// Where progress is told: one line per step.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);
