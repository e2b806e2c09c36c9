//! What differs between runs of groups and of ads.

use crate::ledger::Account;
use crate::settlement::model::RunKind;

/// Types of the slips, columns of the wallets, and the account of the house that pays.
pub(super) struct Columns {
    pub own_type: i16,
    pub disciples_type: i16,
    pub own: &'static str,
    pub disciples: &'static str,
    pub expense: i16,
}

pub(super) fn columns(kind: RunKind) -> Columns {
    match kind {
        RunKind::Groups => Columns {
            own_type: 1,
            disciples_type: 3,
            own: "carried_groups",
            disciples: "carried_disciple_groups",
            expense: Account::SettlementGroups.number(),
        },
        RunKind::Ads => Columns {
            own_type: 2,
            disciples_type: 4,
            own: "carried_ads",
            disciples: "carried_disciple_ads",
            expense: Account::SettlementAds.number(),
        },
    }
}
