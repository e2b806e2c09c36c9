//! Integration tests on real servers, one module a room. `cargo xtask test` starts the servers.

mod ads;
mod architecture;
mod campaign;
mod crash;
mod day;
mod events;
mod fees;
mod group;
mod identity;
mod jobs;
mod kernel;
mod ledger;
mod lists;
mod logs;
mod monitoring;
mod networks;
mod nul;
mod partner;
mod poison;
mod robot;
mod robot_registry;
mod schema;
mod secrets;
mod settlement;
mod tracking;
mod withdrawal;
