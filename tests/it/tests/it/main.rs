//! Integration tests on real servers, one module a room. `cargo xtask test` starts the servers.

mod campaign;
mod crash;
mod day;
mod events;
mod fees;
mod group;
mod identity;
mod kernel;
mod ledger;
mod lists;
mod logs;
mod monitoring;
mod partner;
mod robot;
mod robot_registry;
mod schema;
mod settlement;
mod tracking;
mod withdrawal;
