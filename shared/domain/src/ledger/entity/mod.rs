//! The room's tables that have an entity: kept checks.

pub(crate) mod ledger_check;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![Table::of::<ledger_check::Entity>()]
}
