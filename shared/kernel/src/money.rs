//! Amounts. No float comes near them: both types are made from decimals or decimal strings only.

use super::error::Error;
use rust_decimal::{Decimal, RoundingStrategy};
use sea_orm::DeriveValueType;
use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

/// The largest amount a column holds: NUMERIC(14,2).
const LARGEST: Decimal = Decimal::from_parts(276_447_231, 23_283, 0, false, 2);

/// Yuan with two places. Shown and stored with both, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, DeriveValueType)]
pub struct Money(Decimal);

impl Money {
    /// 0.00
    pub const ZERO: Money = Money(Decimal::from_parts(0, 0, 0, false, 2));

    /// From a number of fen.
    pub fn from_fen(fen: i64) -> Self {
        Money(Decimal::new(fen, 2))
    }

    /// The amount in fen, as partners want it.
    ///
    /// # Errors
    /// When it does not fit 64 bits, which no column holds.
    pub fn fen(self) -> Result<i64, Error> {
        let fen = self.0 * Decimal::ONE_HUNDRED;
        i64::try_from(fen).map_err(Error::internal)
    }

    /// From a decimal that has at most two places.
    ///
    /// # Errors
    /// 1403 for more places or an amount no column holds.
    pub fn from_decimal(amount: Decimal) -> Result<Self, Error> {
        let mut amount = amount.normalize();
        if amount.scale() > 2 || amount.abs() > LARGEST {
            return Err(Error::params(
                "amount",
                "must be yuan with at most two decimal places",
            ));
        }
        amount.rescale(2);
        Ok(Money(amount))
    }

    /// The decimal behind it, scale 2.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Sum, or an error where the column would overflow.
    ///
    /// # Errors
    /// 1403 on overflow.
    pub fn checked_add(self, other: Money) -> Result<Money, Error> {
        Money::from_decimal(self.0 + other.0)
    }

    /// The same without its sign.
    pub fn abs(self) -> Money {
        Money(self.0.abs())
    }

    /// Whether it is above zero.
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Columns may hand back 0 as scale 0; the outside always sees two places.
        let mut amount = self.0;
        amount.rescale(2);
        write!(f, "{amount}")
    }
}

impl FromStr for Money {
    type Err = Error;

    /// Digits, optionally a point and one or two more, optionally a minus. Nothing else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !numeric(whole) || !numeric(places) || places.len() > 2 || whole.len() > 12 {
            return Err(Error::params(
                "amount",
                "must be a decimal string with at most two places, like \"20.00\"",
            ));
        }
        let amount =
            Decimal::from_str(text).map_err(|_| Error::params("amount", "must be a decimal string"))?;
        Money::from_decimal(amount)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        Money(amounts.map(|amount| amount.0).sum())
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse()
            .map_err(|error: Error| serde::de::Error::custom(error.message))
    }
}

/// A share of one line: yuan with six places, rounded half to even.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, DeriveValueType)]
pub struct Share(Decimal);

impl Share {
    /// Rounds an exact amount to six places, half to even.
    pub fn round(exact: Decimal) -> Self {
        let mut share = exact.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven);
        share.rescale(6);
        Share(share)
    }

    /// The decimal behind it, scale 6.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut share = self.0;
        share.rescale(6);
        write!(f, "{share}")
    }
}

impl FromStr for Share {
    type Err = Error;

    /// Digits, optionally a point and at most six more, optionally a minus. Nothing else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::params("amount", "must be a decimal string with at most six places");
        let (whole, places) = match text.strip_prefix('-').unwrap_or(text).split_once('.') {
            Some(parts) => parts,
            None => (text.strip_prefix('-').unwrap_or(text), "0"),
        };
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !numeric(whole) || !numeric(places) || places.len() > 6 || whole.len() > 12 {
            return Err(malformed());
        }
        Decimal::from_str(text).map(Share::round).map_err(|_| malformed())
    }
}

impl serde::Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_shown_with_two_places() {
        for (text, shown) in [
            ("0", "0.00"),
            ("3", "3.00"),
            ("3.5", "3.50"),
            ("-0.01", "-0.01"),
            ("999999999999.99", "999999999999.99"),
        ] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn money_refuses_what_is_not_plain_decimal() {
        for text in [
            "",
            "1e2",
            "1.234",
            ".5",
            "5.",
            "+1",
            " 1",
            "NaN",
            "1,000.00",
            "１",
            "9999999999999",
        ] {
            let error = text.parse::<Money>().unwrap_err();
            assert_eq!(error.field.as_deref(), Some("amount"), "{text}");
        }
    }

    #[test]
    fn a_json_number_is_not_money() {
        assert!(serde_json::from_str::<Money>("20.00").is_err());
        assert_eq!(
            serde_json::from_str::<Money>("\"20.00\"").unwrap(),
            Money::from_fen(2000)
        );
    }

    #[test]
    fn shares_round_half_to_even() {
        for (exact, rounded) in [
            ("0.0000005", "0.000000"),
            ("0.0000015", "0.000002"),
            ("0.0000025", "0.000002"),
        ] {
            assert_eq!(Share::round(exact.parse().unwrap()).to_string(), rounded);
        }
    }

    proptest! {
        #[test]
        fn text_and_fen_agree(fen in -9_999_999_999_999i64..=9_999_999_999_999) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            prop_assert_eq!(money.fen().unwrap(), fen);
        }
    }
}
