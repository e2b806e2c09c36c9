//! The room's tables that have an entity: withdrawals, their reviews, and the switch.

pub(crate) mod payout_switch;
pub(crate) mod withdrawal;
pub(crate) mod withdrawal_review;

use kernel::db::entity::Table;

/// To be held against the schema.
pub(crate) fn tables() -> Vec<Table> {
    vec![
        Table::of::<payout_switch::Entity>(),
        Table::of::<withdrawal::Entity>(),
        Table::of::<withdrawal_review::Entity>(),
    ]
}
