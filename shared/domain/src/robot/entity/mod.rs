//! The room's tables that have an entity: robots and their replacements.

pub(crate) mod robot;
pub(crate) mod robot_replacement;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![
        Table::of::<robot::Entity>(),
        Table::of::<robot_replacement::Entity>(),
    ]
}
