//! Postings: what happens to money.

use super::account::Account;
use kernel::error::{Error, Result};
use kernel::id::{CorrectionId, PostingId, UserId, WithdrawalId};
use kernel::money::Money;
use rust_decimal::Decimal;

kernel::named! {
    /// What kind of thing happened to money.
    pub enum PostingKind {
        /// A withdrawal was requested.
        Hold = "hold",
        /// A withdrawal was rejected or failed.
        Release = "release",
        /// A withdrawal was paid.
        Payout = "payout",
        /// Income of a settlement, with its slip.
        Slip = "slip",
        /// An adoption fee.
        Adoption = "adoption",
        /// An operator's correction.
        Correction = "correction",
        /// Another posting was taken back.
        Reversal = "reversal",
    }
}

/// Something that happened to money: lines that sum to zero under a key that exists once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Business key.
    pub key: String,
    /// What kind of thing happened.
    pub kind: PostingKind,
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
        kind: PostingKind,
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
            PostingKind::Hold,
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
            PostingKind::Release,
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
            PostingKind::Payout,
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
            kind: PostingKind::Reversal,
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
                PostingKind::Correction,
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

fn negative(amount: Money) -> Money {
    // A negated amount of two places has two places.
    Money::from_decimal(Decimal::ZERO - amount.decimal()).unwrap_or_default()
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
