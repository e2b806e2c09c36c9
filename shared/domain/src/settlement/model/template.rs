//! Profit templates: what a star earns a day and for how many days.

use crate::group::Star;
use crate::settlement::entity::profit_template::Model;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::TemplateId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The income of one star.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Days until a group is settled out.
    pub day: i16,
    /// Yuan a day.
    pub profit: Decimal,
    /// Factor; missing or 0 counts as 1.
    #[serde(default = "one")]
    pub rate: Decimal,
    /// Yuan a day on top, for the user alone.
    #[serde(default)]
    pub activity_profit: Decimal,
}

/// The most that a level pays for one group and day, yuan. A hundred million groups of one user are a full wallet then.
const LARGEST_DAY: Decimal = Decimal::ONE_THOUSAND;

impl Level {
    /// Yuan that the user gets for a group and day, which no other share of it exceeds.
    fn paid(&self) -> Decimal {
        let rate = if self.rate.is_zero() {
            Decimal::ONE
        } else {
            self.rate
        };
        (self.profit + self.activity_profit) * rate
    }
}

fn one() -> Decimal {
    Decimal::ONE
}

/// Levels by star.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Rule {
    pub one: Level,
    pub two: Level,
    pub three: Level,
    pub four: Level,
    pub five: Level,
}

impl Rule {
    /// The five levels, one star first.
    pub fn levels(&self) -> [&Level; 5] {
        [&self.one, &self.two, &self.three, &self.four, &self.five]
    }

    /// The level of a star.
    pub const fn level(&self, star: Star) -> &Level {
        match star {
            Star::One => &self.one,
            Star::Two => &self.two,
            Star::Three => &self.three,
            Star::Four => &self.four,
            Star::Five => &self.five,
        }
    }

    /// What one to five stars earn where operators have not said otherwise.
    pub fn advertised() -> Rule {
        let level = |fen: i64| Level {
            day: 30,
            profit: Decimal::new(fen, 2),
            rate: Decimal::ONE,
            activity_profit: Decimal::ZERO,
        };
        Rule {
            one: level(2),
            two: level(5),
            three: level(10),
            four: level(30),
            five: level(100),
        }
    }

    /// Refuses what would pay nonsense.
    ///
    /// # Errors
    /// 1403 naming the star and the key.
    pub fn check(&self) -> Result<()> {
        for (star, level) in ["one", "two", "three", "four", "five"].iter().zip(self.levels()) {
            let wrong = |key: &str, why: &'static str| Err(Error::params(format!("rule.{star}.{key}"), why));
            let amount = |value: Decimal| {
                value >= Decimal::ZERO && value <= Decimal::ONE_THOUSAND && value.normalize().scale() <= 6
            };
            if !(1..=30).contains(&level.day) {
                return wrong("day", "must be from 1 to 30");
            }
            if !amount(level.profit) {
                return wrong("profit", "must be from 0 to 1000 with at most six places");
            }
            if !amount(level.rate) {
                return wrong("rate", "must be from 0 to 1000 with at most six places");
            }
            if !amount(level.activity_profit) {
                return wrong(
                    "activity_profit",
                    "must be from 0 to 1000 with at most six places",
                );
            }
            if level.paid() > LARGEST_DAY {
                return wrong(
                    "profit",
                    "must bring, with activity_profit and rate, at most 1000 a group and day",
                );
            }
        }
        Ok(())
    }
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id; groups point at it.
    pub id: TemplateId,
    /// Its code.
    pub code: String,
    /// Counts from 1.
    pub version: i32,
    /// Levels by star.
    pub rule: Rule,
    /// First date it is given to new groups; none for DEFAULT.
    pub starts_on: Option<BusinessDate>,
    /// Last such date.
    pub ends_on: Option<BusinessDate>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Model> for Template {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Template {
            id: row.id,
            code: row.code,
            version: row.version,
            rule: serde_json::from_value(row.rule)?,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            created_at: row.created_at,
        })
    }
}

/// A new version to enter.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// Its code.
    pub code: String,
    /// Levels by star.
    pub rule: Rule,
    /// First date it is given to new groups; none for DEFAULT.
    pub starts_on: Option<BusinessDate>,
    /// Last such date.
    pub ends_on: Option<BusinessDate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_five(profit: Decimal, rate: Decimal, activity_profit: Decimal) -> Rule {
        let mut rule = Rule::advertised();
        rule.five = Level {
            day: 30,
            profit,
            rate,
            activity_profit,
        };
        rule
    }

    #[test]
    fn a_level_is_bounded_by_what_it_pays_and_not_only_key_by_key() {
        let thousand = Decimal::ONE_THOUSAND;
        for (profit, rate, activity) in [
            (thousand, Decimal::ONE, Decimal::ZERO),
            (Decimal::ONE, thousand, Decimal::ZERO),
            (Decimal::new(500, 0), Decimal::TWO, Decimal::ZERO),
            // A rate of 0 counts as 1.
            (Decimal::new(400, 0), Decimal::ZERO, Decimal::new(600, 0)),
        ] {
            assert!(
                with_five(profit, rate, activity).check().is_ok(),
                "{profit} {rate} {activity}"
            );
        }
        for (profit, rate, activity) in [
            (thousand, thousand, thousand),
            (Decimal::ONE, thousand, Decimal::new(1, 6)),
            (thousand, Decimal::ZERO, Decimal::new(1, 6)),
        ] {
            let refused = with_five(profit, rate, activity).check().unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("rule.five.profit"), "{refused}");
        }
    }
}
