//! Integration tests on real servers, one module a room. `cargo xtask test` starts the servers.

mod architecture;
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
mod monitoring;
mod networks;
mod partner;
mod robot;
mod schema;
mod settlement;
mod tracking;
mod withdrawal;
