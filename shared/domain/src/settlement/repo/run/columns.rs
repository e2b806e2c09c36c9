//! What differs between runs of groups and of ads.

use crate::ledger::{Account, AmountType};
use crate::settlement::model::RunKind;

/// Types of the slips, columns of the wallets, and the account of the house that pays.
pub(super) struct Columns {
    pub own_type: AmountType,
    pub disciples_type: AmountType,
    pub own: &'static str,
    pub disciples: &'static str,
    pub expense: Account,
}

pub(super) fn columns(kind: RunKind) -> Columns {
    match kind {
        RunKind::Groups => Columns {
            own_type: AmountType::Groups,
            disciples_type: AmountType::DiscipleGroups,
            own: "carried_groups",
            disciples: "carried_disciple_groups",
            expense: Account::SettlementGroups,
        },
        RunKind::Ads => Columns {
            own_type: AmountType::Ads,
            disciples_type: AmountType::DiscipleAds,
            own: "carried_ads",
            disciples: "carried_disciple_ads",
            expense: Account::SettlementAds,
        },
    }
}
