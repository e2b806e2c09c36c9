//! The rule of income: what one group, or one group's ads, earn on one day for the three people above it, as
//! the room's README has it. Exact decimals, rounded once, to six places, half to even.

use crate::group::Star;
use kernel::money::Share;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Days a group is settled at most, whatever its star's template says.
pub const MOST_DAYS: i16 = 30;

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
        star: Star,
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

#[cfg(test)]
#[path = "shares_tests.rs"]
mod tests;
