//! The room's tables that have an entity: templates, rates and runs.

pub(crate) mod profit_template;
pub(crate) mod settlement_rate;
pub(crate) mod settlement_run;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![
        Table::of::<profit_template::Entity>(),
        Table::of::<settlement_rate::Entity>(),
        Table::of::<settlement_run::Entity>(),
    ]
}
