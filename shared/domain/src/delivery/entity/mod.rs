//! The room's tables that have an entity: ad tasks.

pub(crate) mod delivery_task;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![Table::of::<delivery_task::Entity>()]
}
