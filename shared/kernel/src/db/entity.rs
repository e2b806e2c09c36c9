//! Entities: one small file a table, in the folder of the room that owns it. Its columns by their types, and the scopes that
//! every user-facing look-up starts from, so that an owner or "not deleted" is never forgotten.
//!
//! Only the files that hold a room's queries use them. A table has an entity where a simple look-up, list or plain insert
//! goes through it. Locks, money, sets of rows, and conditions a partial index must recognise are SQL by hand in the same
//! files.

use sea_orm::{ColumnDef, ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

/// A table as its entity has it, to be held against the schema.
pub struct Table {
    /// Its name.
    pub name: String,
    /// Names of its columns with their types.
    pub columns: Vec<(String, ColumnDef)>,
    /// Names of the columns of its primary key.
    pub key: Vec<String>,
}

impl Table {
    /// The table of an entity.
    pub fn of<E: EntityTrait>() -> Self {
        let name = |column: &E::Column| column.as_str().to_owned();
        Table {
            name: E::default().table_name().to_owned(),
            columns: E::Column::iter()
                .map(|column| (name(&column), column.def()))
                .collect(),
            key: E::PrimaryKey::iter()
                .map(|key| name(&key.into_column()))
                .collect(),
        }
    }
}

/// The kernel's own tables that have an entity.
pub fn tables() -> Vec<Table> {
    vec![
        Table::of::<crate::audit::entity::Entity>(),
        Table::of::<crate::idempotency::entity::Entity>(),
        Table::of::<crate::job_run::entity::Entity>(),
    ]
}
