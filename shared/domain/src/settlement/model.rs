//! The rule of income: what one group, or one group's ads, earn on one day for the three people above it, as
//! the room's README has it. Exact decimals, rounded once, to six places, half to even.

use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::money::{Money, Share};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Days a group is settled at most, whatever its star's template says.
pub const MOST_DAYS: i16 = 30;

kernel::named! {
    /// What a run settles.
    pub enum RunKind {
        /// Income of groups by star and repeat rate.
        Groups = "groups",
        /// Income of ads by clicks.
        Ads = "ads",
    }
}

impl std::str::FromStr for RunKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [RunKind::Groups, RunKind::Ads]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::params("kind", "must be groups or ads"))
    }
}

/// Everything that decides the shares of one group on one day. Kept with the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "case", rename_all = "snake_case")]
pub enum Basis {
    /// A new group pays by its star.
    New {
        /// Code of the group's own template.
        template: String,
        /// Its version.
        version: i32,
        /// 1 to 5.
        star: i16,
        /// Yuan a day.
        profit: Decimal,
        /// Yuan a day on top for the user alone.
        activity_profit: Decimal,
        /// Factor; 1 when the template has none, or 0.
        rate: Decimal,
        /// Part of the master, F.
        father: Decimal,
        /// Part of the grand-master, G.
        grand_father: Decimal,
    },
    /// An old group, 老群, pays by its repeat rate.
    Old {
        /// Whether the user owns the chat group.
        owned: bool,
        /// 0 to 1; 0 pays in full.
        repeat_rate: Decimal,
    },
    /// Ad revenue is passed on whole.
    Ad {
        /// Yuan.
        amount: Decimal,
        /// Part of the master, Fa.
        father: Decimal,
        /// Part of the grand-master, Ga.
        grand_father: Decimal,
    },
}

/// The three shares of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Of the user who pulled the group.
    pub user: Share,
    /// Of the master, if there is one.
    pub master: Share,
    /// Of the grand-master, if there is one.
    pub grand_master: Share,
}

/// The rule.
pub fn shares(basis: &Basis) -> Shares {
    let (user, master, grand_master) = match basis {
        Basis::New {
            profit,
            activity_profit,
            rate,
            father,
            grand_father,
            ..
        } => {
            let rate = if rate.is_zero() { Decimal::ONE } else { *rate };
            (
                (profit + activity_profit) * rate,
                profit * rate * father,
                profit * rate * grand_father,
            )
        }
        Basis::Old { owned, repeat_rate } => {
            let fresh = Decimal::ONE - repeat_rate;
            let own = if *owned {
                Decimal::new(45, 2)
            } else {
                Decimal::new(10, 2)
            };
            (
                own * fresh,
                Decimal::new(10, 2) * fresh,
                Decimal::new(3, 2) * fresh,
            )
        }
        Basis::Ad {
            amount,
            father,
            grand_father,
        } => (*amount, amount * father, amount * grand_father),
    };
    Shares {
        user: Share::round(user),
        master: Share::round(master),
        grand_master: Share::round(grand_master),
    }
}

/// What a beneficiary gets of (lines + carried remainder): whole fen now, the rest carried on.
pub fn slip_of(before: Share, sum: Share) -> (Money, Share) {
    Share::round(before.decimal() + sum.decimal()).split()
}

/// Whether a date may be settled: it has ended, or the operator insists on an open one. Never the future.
///
/// # Errors
/// 1403 naming `date`.
pub fn check_date(date: BusinessDate, today: BusinessDate, allow_open_day: bool) -> Result<()> {
    if date > today {
        return Err(Error::params("date", format!("{date} is in the future")));
    }
    if date == today && !allow_open_day {
        return Err(Error::params("date", format!("{date} has not ended")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sea_orm::{ActiveEnum, Iterable};

    #[test]
    fn kinds_have_one_name() {
        for kind in RunKind::iter() {
            assert_eq!(kind.to_value(), kind.name());
        }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn new(profit: &str, activity: &str, rate: &str) -> Basis {
        Basis::New {
            template: "DEFAULT".into(),
            version: 1,
            star: 3,
            profit: decimal(profit),
            activity_profit: decimal(activity),
            rate: decimal(rate),
            father: decimal("0.10"),
            grand_father: decimal("0.03"),
        }
    }

    fn three(basis: &Basis) -> [String; 3] {
        let shares = shares(basis);
        [shares.user, shares.master, shares.grand_master].map(|share| share.to_string())
    }

    // Worked out by hand.
    #[test]
    fn the_worked_examples_hold() {
        assert_eq!(three(&new("3", "0", "1")), ["3.000000", "0.300000", "0.090000"]); // 1
        assert_eq!(
            three(&new("9", "1.5", "1.2")),
            ["12.600000", "1.080000", "0.324000"]
        ); // 2
        assert_eq!(
            three(&new("0.02", "0", "0")),
            ["0.020000", "0.002000", "0.000600"]
        ); // 3
        let old = |owned, rate: &str| Basis::Old {
            owned,
            repeat_rate: decimal(rate),
        };
        assert_eq!(three(&old(true, "0.35")), ["0.292500", "0.065000", "0.019500"]); // 4
        assert_eq!(three(&old(true, "0.8")), ["0.090000", "0.020000", "0.006000"]); // 5
        assert_eq!(three(&old(false, "0")), ["0.100000", "0.100000", "0.030000"]); // 10
        let ad = Basis::Ad {
            amount: decimal("2.56"),
            father: decimal("0.10"),
            grand_father: decimal("0.03"),
        };
        assert_eq!(three(&ad), ["2.560000", "0.256000", "0.076800"]); // 8
    }

    #[test]
    fn a_share_between_two_sixth_decimals_goes_to_the_even_one() {
        let basis = Basis::Old {
            owned: false,
            repeat_rate: decimal("0.999995"),
        };
        assert_eq!(three(&basis)[0], "0.000000"); // 0.0000005
        let basis = Basis::Old {
            owned: false,
            repeat_rate: decimal("0.999985"),
        };
        assert_eq!(three(&basis)[0], "0.000002"); // 0.0000015
    }

    #[test]
    fn open_days_and_the_future_are_refused() {
        let today: BusinessDate = "2026-11-22".parse().unwrap();
        assert!(check_date(today.minus_days(1), today, false).is_ok());
        assert_eq!(
            check_date(today, today, false).unwrap_err().field.as_deref(),
            Some("date")
        );
        assert!(check_date(today, today, true).is_ok());
        assert!(check_date(today.plus_days(1), today, true).is_err());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_to_flooring(sums in prop::collection::vec(0i64..10_000_000, 1..40)) {
            let (mut carried, mut paid, mut earned) = (Share::default(), Decimal::ZERO, Decimal::ZERO);
            for sum in sums {
                let sum = Share::round(Decimal::new(sum, 6));
                earned += sum.decimal();
                let (slip, rest) = slip_of(carried, sum);
                paid += slip.decimal();
                carried = rest;
                prop_assert!(carried.decimal() < Decimal::new(1, 2));
            }
            prop_assert_eq!(paid + carried.decimal(), earned);
        }

        #[test]
        fn shares_are_never_negative_and_masters_get_less(profit in 0i64..100_000, rate in 0i64..20_000, repeat in 0i64..=1_000_000) {
            for basis in [new(&Decimal::new(profit, 4).to_string(), "0", &Decimal::new(rate, 4).to_string()),
                          Basis::Old { owned: true, repeat_rate: Decimal::new(repeat, 6) }] {
                let shares = shares(&basis);
                prop_assert!(shares.grand_master.decimal() >= Decimal::ZERO);
                prop_assert!(shares.grand_master <= shares.master && shares.master <= shares.user);
            }
        }

        #[test]
        fn a_kept_basis_reads_back_as_itself(repeat in 0i64..=1_000_000, amount in 0i64..1_000_000_000) {
            for basis in [Basis::Old { owned: false, repeat_rate: Decimal::new(repeat, 6) },
                          Basis::Ad { amount: Decimal::new(amount, 4), father: decimal("0.1025"), grand_father: decimal("0.0305") },
                          new("0.6", "0.3333", "0.8537")] {
                let kept: Basis = serde_json::from_value(serde_json::to_value(&basis).unwrap()).unwrap();
                prop_assert_eq!(shares(&kept), shares(&basis));
            }
        }
    }
}
