//! One small file a table: its columns by their types, and the scopes that every user-facing look-up starts from, so that
//! an owner or "not deleted" is never forgotten.
//!
//! Only the files that hold a room's queries use them. A table has an entity where a simple look-up, list or plain insert
//! goes through it. Locks, money, sets of rows, and conditions a partial index must recognise are SQL by hand in the same
//! files.

pub(crate) mod audit_entry;
pub(crate) mod cleanup_plan;
pub(crate) mod delivery_task;
pub(crate) mod idempotency_key;
pub(crate) mod job_request;
pub(crate) mod job_run;
pub(crate) mod ledger_check;
pub(crate) mod operator;
pub(crate) mod payout_switch;
pub(crate) mod pending_bind;
pub(crate) mod profit_template;
pub(crate) mod referral;
pub(crate) mod robot;
pub(crate) mod robot_replacement;
pub(crate) mod settlement_rate;
pub(crate) mod settlement_run;
pub(crate) mod user;
pub(crate) mod withdrawal;
pub(crate) mod withdrawal_review;

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
    fn of<E: EntityTrait>() -> Self {
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

/// All tables that have an entity.
pub fn tables() -> Vec<Table> {
    vec![
        Table::of::<audit_entry::Entity>(),
        Table::of::<cleanup_plan::Entity>(),
        Table::of::<delivery_task::Entity>(),
        Table::of::<idempotency_key::Entity>(),
        Table::of::<job_request::Entity>(),
        Table::of::<job_run::Entity>(),
        Table::of::<ledger_check::Entity>(),
        Table::of::<operator::Entity>(),
        Table::of::<payout_switch::Entity>(),
        Table::of::<pending_bind::Entity>(),
        Table::of::<profit_template::Entity>(),
        Table::of::<referral::Entity>(),
        Table::of::<robot::Entity>(),
        Table::of::<robot_replacement::Entity>(),
        Table::of::<settlement_rate::Entity>(),
        Table::of::<settlement_run::Entity>(),
        Table::of::<user::Entity>(),
        Table::of::<withdrawal::Entity>(),
        Table::of::<withdrawal_review::Entity>(),
    ]
}
