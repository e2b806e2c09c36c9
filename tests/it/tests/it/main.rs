//! Integration tests on real servers, one module a room. `cargo xtask test` starts the servers.

mod events;
mod group;
mod kernel;
mod robot;
mod settlement;
