//! Accounts, and the wallet that two of them make for a user.

use kernel::error::{Error, Result};
use kernel::money::Money;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;

/// The most that a wallet holds, or has ever earned, before nothing more is booked to it by hand and no ads are accepted for
/// it. Its columns hold ten times as much, so that a settlement always finds room.
pub const LARGEST_WALLET: Decimal = Decimal::from_parts(1_215_752_192, 23, 0, false, 0);

/// An account of the ledger. The first two exist per user, the others belong to the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Account {
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

impl Account {
    /// Those of the house.
    pub const HOUSE: [Account; 5] = [
        Account::SettlementGroups,
        Account::SettlementAds,
        Account::AdoptionFees,
        Account::RedPackets,
        Account::Payouts,
    ];

    /// The account with this number.
    ///
    /// # Errors
    /// 1500 when there is none: the number comes from the table.
    pub fn of_number(number: i16) -> Result<Account> {
        [Account::Available, Account::Held]
            .into_iter()
            .chain(Account::HOUSE)
            .find(|account| account.number() == number)
            .ok_or_else(|| Error::internal(format!("no account has the number {number}")))
    }

    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Account::Available => "available",
            Account::Held => "held",
            Account::SettlementGroups => "settlement_groups",
            Account::SettlementAds => "settlement_ads",
            Account::AdoptionFees => "adoption_fees",
            Account::RedPackets => "red_packets",
            Account::Payouts => "payouts",
        }
    }

    /// The number in the table.
    pub const fn number(self) -> i16 {
        self as i16
    }

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
