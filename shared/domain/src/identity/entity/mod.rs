//! The room's tables that have an entity: users and operators.

pub(crate) mod operator;
pub(crate) mod user;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![Table::of::<operator::Entity>(), Table::of::<user::Entity>()]
}
