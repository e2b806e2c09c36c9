//! The room's tables that have an entity: who invited whom.

pub(crate) mod referral;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![Table::of::<referral::Entity>()]
}
