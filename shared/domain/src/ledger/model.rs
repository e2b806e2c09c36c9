//! Accounts, postings and slips.

use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::{CorrectionId, PostingId, RobotId, UserId, WithdrawalId};
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

kernel::numbered! {
    /// Kind of a slip.
    pub enum AmountType: "amount_type" {
        /// Own groups.
        Groups = 1,
        /// Own ads.
        Ads = 2,
        /// Disciples' groups, both tiers.
        DiscipleGroups = 3,
        /// Disciples' ads, both tiers.
        DiscipleAds = 4,
        /// An activity of the house; none is written any more.
        Activity = 5,
        /// A correction by an operator.
        Correction = 6,
        /// Of the past; none is written any more.
        Legacy = 7,
        /// Adoption fee.
        Adoption = 8,
        /// Withdrawal that was paid.
        Withdrawal = 9,
        /// Red packet.
        Other = 10,
    }
}

kernel::numbered! {
    /// Which way a slip's money went.
    pub enum Direction: "direction" {
        /// To the user.
        Income = 1,
        /// From the user.
        Payment = 2,
    }
}

/// Something that happened to money: lines that sum to zero under a key that exists once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Business key.
    pub key: String,
    /// What kind of thing happened.
    pub kind: &'static str,
    /// Whose wallet it touches.
    pub user: UserId,
    /// (account, amount): what the account gains.
    pub lines: [(Account, Money); 2],
    /// The posting it takes back.
    pub reverses: Option<PostingId>,
    /// Why, where a person decided it.
    pub reason: Option<String>,
}

impl Posting {
    fn transfer(
        key: String,
        kind: &'static str,
        user: UserId,
        from: Account,
        to: Account,
        amount: Money,
    ) -> Posting {
        Posting {
            key,
            kind,
            user,
            lines: [(from, negative(amount)), (to, amount)],
            reverses: None,
            reason: None,
        }
    }

    /// A withdrawal was requested: available → held.
    pub fn hold(id: WithdrawalId, user: UserId, amount: Money) -> Posting {
        Posting::transfer(
            format!("withdrawal:{id}:hold"),
            "hold",
            user,
            Account::Available,
            Account::Held,
            amount,
        )
    }

    /// A withdrawal was rejected or failed: held → available.
    pub fn release(id: WithdrawalId, user: UserId, amount: Money) -> Posting {
        Posting::transfer(
            format!("withdrawal:{id}:release"),
            "release",
            user,
            Account::Held,
            Account::Available,
            amount,
        )
    }

    /// A withdrawal was paid: held → payouts.
    pub fn payout(id: WithdrawalId, user: UserId, amount: Money) -> Posting {
        Posting::transfer(
            format!("withdrawal:{id}:payout"),
            "payout",
            user,
            Account::Held,
            Account::Payouts,
            amount,
        )
    }

    /// The reversal of a posting with these lines.
    pub fn reversal(of: PostingId, user: UserId, lines: [(Account, Money); 2], reason: &str) -> Posting {
        Posting {
            key: format!("reversal:{of}"),
            kind: "reversal",
            user,
            lines: lines.map(|(account, amount)| (account, negative(amount))),
            reverses: Some(of),
            reason: Some(reason.to_owned()),
        }
    }

    /// A correction: the wallet gains `amount`, which may be below zero, from `account`.
    pub fn correction(
        id: CorrectionId,
        user: UserId,
        account: Account,
        amount: Money,
        reason: &str,
    ) -> Posting {
        Posting {
            reason: Some(reason.to_owned()),
            ..Posting::transfer(
                format!("correction:{id}"),
                "correction",
                user,
                account,
                Account::Available,
                amount,
            )
        }
    }

    /// What `account` gains.
    pub fn change(&self, account: Account) -> Money {
        self.lines
            .iter()
            .filter(|line| line.0 == account)
            .map(|line| line.1)
            .sum()
    }

    /// Refuses what is no posting.
    ///
    /// # Errors
    /// When the lines don't sum to zero or move nothing.
    pub fn check(&self) -> Result<()> {
        let sum: Money = self.lines.iter().map(|line| line.1).sum();
        let moves = self.lines.iter().all(|line| line.1 != Money::ZERO) && self.lines[0].0 != self.lines[1].0;
        if sum != Money::ZERO || !moves {
            return Err(Error::internal(format!("posting {} does not balance", self.key)));
        }
        Ok(())
    }
}

/// Key of an adoption fee's posting.
pub fn adoption_key(user: UserId, robot: RobotId) -> String {
    format!("adopt:{user}:{robot}")
}

/// Key of a slip's posting. A supplementary ads batch has a number of its own.
pub fn slip_key(user: UserId, amount_type: AmountType, settle_date: BusinessDate, batch_no: i32) -> String {
    let key = format!("slip:{user}:{}:{settle_date}", amount_type.number());
    if batch_no == 0 {
        key
    } else {
        format!("{key}:{batch_no}")
    }
}

fn negative(amount: Money) -> Money {
    // A negated amount of two places has two places.
    Money::from_decimal(Decimal::ZERO - amount.decimal()).unwrap_or_default()
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_posting_sums_to_zero_and_its_reversal_undoes_it(fen in 1i64..100_000_000) {
            let (id, user) = (WithdrawalId::new(), UserId::new());
            let amount = Money::from_fen(fen);
            for posting in [Posting::hold(id, user, amount), Posting::release(id, user, amount), Posting::payout(id, user, amount)] {
                posting.check().unwrap();
                let reversal = Posting::reversal(PostingId::new(), user, posting.lines, "mistake");
                reversal.check().unwrap();
                for account in [Account::Available, Account::Held, Account::Payouts] {
                    prop_assert_eq!(posting.change(account).decimal() + reversal.change(account).decimal(), Decimal::ZERO);
                }
            }
        }
    }

    #[test]
    fn a_wallet_leaves_room_for_settlements() {
        assert_eq!(LARGEST_WALLET.to_string(), "100000000000");
        assert!(Money::from_decimal(LARGEST_WALLET * Decimal::from(9)).is_ok());
    }

    #[test]
    fn a_posting_that_moves_nothing_is_refused() {
        assert!(
            Posting::hold(WithdrawalId::new(), UserId::new(), Money::ZERO)
                .check()
                .is_err()
        );
    }

    #[test]
    fn a_lopsided_posting_is_refused() {
        let mut posting = Posting::hold(WithdrawalId::new(), UserId::new(), Money::from_fen(100));
        posting.lines[0].1 = Money::from_fen(-99);
        assert!(posting.check().is_err());
    }
}
