//! What integration tests share: the whole application on stores of its own, and the oracle's worlds in its tables.
//!
//! [`with_app`] and [`with_stores`] give a test everything new (database, Redis database, virtual hosts, partners), so
//! that any number of tests run side by side on one set of servers. When the test has ended they prove what must hold
//! whatever happened (see [`invariants`]) and clean up, also after a panic.

mod app;
mod broker;
pub mod campaign;
mod client;
pub mod contract;
mod description;
mod drain;
pub mod fixture;
pub mod invariants;
pub mod notification;
mod people;
mod place;
mod simulated;
pub mod sources;
mod stores;
pub mod testnet;
pub mod world;

pub use app::{App, with_app, with_app_configured, with_app_on};
pub use broker::{Broker, Message};
pub use client::{Client, Reply};
pub use simulated::Simulated;
pub use stores::{Stores, with_stores, with_stores_on};
pub use testnet::TestNet;

/// When tests begin: 10:00 in Shanghai on Saturday, 21 November 2026.
pub const MORNING: &str = "2026-11-21T10:00:00+08:00";
