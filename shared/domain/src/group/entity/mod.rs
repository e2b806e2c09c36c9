//! The room's tables that have an entity: clean-up plans and binds that are under way.

pub(crate) mod cleanup_plan;
pub(crate) mod pending_bind;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![
        Table::of::<cleanup_plan::Entity>(),
        Table::of::<pending_bind::Entity>(),
    ]
}
