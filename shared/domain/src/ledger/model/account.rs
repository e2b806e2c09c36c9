//! Accounts, and the wallet that two of them make for a user.

use kernel::money::Money;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;

/// The most that a wallet holds, or has ever earned, before nothing more is booked to it by hand and no ads are accepted for
/// it. Its columns hold ten times as much, so that a settlement always finds room.
pub const LARGEST_WALLET: Decimal = Decimal::from_parts(1_215_752_192, 23, 0, false, 0);

kernel::numbered! {
    /// An account of the ledger. The first two exist per user, the others belong to the house.
    pub enum Account: "account" {
        /// What a user can withdraw.
        Available = 1,
        /// What waits for a payout.
        Held = 2,
        /// Expense: income of groups.
        SettlementGroups = 11,
        /// Expense: income of ads.
        SettlementAds = 12,
        /// Revenue: adoption fees.
        AdoptionFees = 13,
        /// Expense: newcomers' red packets.
        RedPackets = 14,
        /// Money that left through WeChat Pay.
        Payouts = 15,
    }
}

kernel::named! {
    /// An account of the house, by name.
    pub enum HouseAccount {
        /// Expense: income of groups.
        SettlementGroups = "settlement_groups",
        /// Expense: income of ads.
        SettlementAds = "settlement_ads",
        /// Revenue: adoption fees.
        AdoptionFees = "adoption_fees",
        /// Expense: newcomers' red packets.
        RedPackets = "red_packets",
        /// Money that left through WeChat Pay.
        Payouts = "payouts",
    }
}

impl From<HouseAccount> for Account {
    fn from(account: HouseAccount) -> Self {
        match account {
            HouseAccount::SettlementGroups => Account::SettlementGroups,
            HouseAccount::SettlementAds => Account::SettlementAds,
            HouseAccount::AdoptionFees => Account::AdoptionFees,
            HouseAccount::RedPackets => Account::RedPackets,
            HouseAccount::Payouts => Account::Payouts,
        }
    }
}

impl Account {
    /// Whether it exists per user.
    pub const fn is_users(self) -> bool {
        self.number() < 10
    }
}

/// A user's balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, Object)]
pub struct Wallet {
    /// What can be withdrawn.
    pub available: Money,
    /// What waits for a payout.
    pub held: Money,
    /// Everything ever earned.
    pub income: Money,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_leaves_room_for_settlements() {
        assert_eq!(LARGEST_WALLET.to_string(), "100000000000");
        assert!(Money::from_decimal(LARGEST_WALLET * Decimal::from(9)).is_ok());
    }
}
