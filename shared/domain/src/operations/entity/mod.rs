//! The room's tables that have an entity: runs that operators asked for.

pub(crate) mod job_request;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![Table::of::<job_request::Entity>()]
}
