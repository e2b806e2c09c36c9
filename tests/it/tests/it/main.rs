//! Integration tests on real servers, one module a room. `cargo xtask test` starts the servers.

mod settlement;
