//! How somebody stands who asks for money, and what of that stands against it.

use super::refusal::{Refusal, Unpayable};
use super::repo;
use crate::identity::UserStatus;
use kernel::clock::BusinessDate;
use kernel::config::WithdrawalConfig;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::money::Money;
use sea_orm::ConnectionTrait;

/// What the checks look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eligibility {
    available: Money,
    has_phone: bool,
    blocked: bool,
    pub(super) has_id_card: bool,
    pub(super) this_month: Money,
    today: bool,
}

pub(super) async fn of_user(
    txn: &impl ConnectionTrait,
    user: UserId,
    available: Money,
    today: BusinessDate,
) -> Result<(Eligibility, Option<String>)> {
    let claimant = repo::claimant(txn, user).await?;
    let claimant = claimant.ok_or_else(|| Error::not_found("user"))?;
    let eligibility = Eligibility {
        available,
        has_phone: claimant.has_phone,
        blocked: claimant.status == UserStatus::Blocked,
        has_id_card: claimant.has_id_card,
        this_month: repo::total_between(txn, user, today.month_start(), today).await?,
        today: repo::total_between(txn, user, today, today).await?.is_positive(),
    };
    Ok((eligibility, claimant.open_id))
}

impl Eligibility {
    /// The receiver, if nothing stands against it. The README has the order of the checks.
    pub(super) fn admit(
        self,
        amount: Money,
        config: &WithdrawalConfig,
        open_id: Option<String>,
    ) -> Result<String, Refusal> {
        if self.available < amount {
            return Err(Refusal::Balance);
        }
        if !self.has_phone {
            return Err(Refusal::Phone);
        }
        if self.blocked {
            return Err(Refusal::Account(Unpayable::Blocked));
        }
        // More than money can count is above every limit.
        let month = self.this_month.checked_add(amount);
        let within_limit = month.is_ok_and(|month| month <= config.monthly_limit);
        if !within_limit && !self.has_id_card {
            return Err(Refusal::IdCard {
                month_used: self.this_month,
                month_limit: config.monthly_limit,
            });
        }
        if self.today {
            return Err(Refusal::Today);
        }
        open_id.ok_or(Refusal::Account(Unpayable::NoWechat))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::withdrawal) fn config() -> WithdrawalConfig {
        WithdrawalConfig {
            amounts: vec![Money::from_fen(100), Money::from_fen(2_000)],
            monthly_limit: Money::from_fen(80_000),
            two_operators_above: Money::from_fen(20_000),
            failure_rate_percent: 50,
            failure_rate_sample: 10,
            unknown_alert_hours: 24,
        }
    }

    #[test]
    fn the_checks_speak_in_their_order() {
        let amount = Money::from_fen(2_000);
        let mut eligibility = Eligibility {
            available: Money::from_fen(1_999),
            has_phone: false,
            blocked: true,
            has_id_card: false,
            this_month: Money::from_fen(78_001),
            today: true,
        };
        let refused = |eligibility: Eligibility| eligibility.admit(amount, &config(), None).unwrap_err();
        assert_eq!(refused(eligibility), Refusal::Balance);
        eligibility.available = amount;
        assert_eq!(refused(eligibility), Refusal::Phone);
        eligibility.has_phone = true;
        assert_eq!(refused(eligibility), Refusal::Account(Unpayable::Blocked));
        eligibility.blocked = false;
        let (month_used, month_limit) = (Money::from_fen(78_001), Money::from_fen(80_000));
        assert_eq!(
            refused(eligibility),
            Refusal::IdCard {
                month_used,
                month_limit
            }
        );
        eligibility.has_id_card = true;
        assert_eq!(refused(eligibility), Refusal::Today);
        eligibility.today = false;
        assert_eq!(refused(eligibility), Refusal::Account(Unpayable::NoWechat));
        assert_eq!(
            eligibility.admit(amount, &config(), Some("o-1".into())).unwrap(),
            "o-1"
        );
    }

    #[test]
    fn the_months_limit_itself_needs_no_id_card() {
        let eligibility = Eligibility {
            available: Money::from_fen(2_000),
            has_phone: true,
            blocked: false,
            has_id_card: false,
            this_month: Money::from_fen(78_000),
            today: false,
        };
        assert!(
            eligibility
                .admit(Money::from_fen(2_000), &config(), Some("o-1".into()))
                .is_ok()
        );
    }
}
