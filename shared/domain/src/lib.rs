//! The rooms of the business. Knows neither HTTP routes nor cron.
//!
//! A room offers what its `mod.rs` re-exports. Data flows one way: route or job → use case → repo → entity. A room never
//! calls another room's repo, and rooms stand in one order: each knows only those before it. `tests/it` holds the order
//! and which room's SQL may name which table.
//!
//! Whatever asks the database fails with 503 while PostgreSQL is away or has no connection free, and with 1500 for any
//! other error of the database; a transaction is undone then. `# Errors` names what comes besides.

pub mod delivery;
pub mod group;
pub mod identity;
pub mod ledger;
pub mod messaging;
pub mod notice;
pub mod operations;
pub mod overview;
pub mod referral;
pub mod robot;
pub mod settlement;
pub mod tracking;
pub mod withdrawal;

use kernel::db::entity::Table;

/// All tables of the rooms that have an entity, to be held against the schema.
pub fn tables() -> Vec<Table> {
    let rooms = [
        delivery::entity::tables(),
        group::entity::tables(),
        identity::entity::tables(),
        ledger::entity::tables(),
        operations::entity::tables(),
        referral::entity::tables(),
        robot::entity::tables(),
        settlement::entity::tables(),
        withdrawal::entity::tables(),
    ];
    rooms.into_iter().flatten().collect()
}
