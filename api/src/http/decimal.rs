//! Decimals of requests: strings, so that none passes through a float. The pattern that the description shows is the one
//! they are read by.

use kernel::Error;
use kernel::money::Money;
use regex::Regex;
use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

macro_rules! decimals {
    ($($(#[$doc:meta])* $name:ident: $pattern:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub Decimal);

        kernel::textual!($name, "decimal", Some($pattern));

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> kernel::Result<Self> {
                static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
                let plain = PATTERN.as_ref().is_some_and(|pattern| pattern.is_match(text));
                let read = Decimal::from_str_exact(text).ok().filter(|_| plain);
                read.map($name).ok_or_else(|| Error::params("amount", "is not such a decimal string"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

decimals! {
    /// From 0 to 1, at most six places.
    Rate: r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$";
    /// From 0 to 1000, at most six places.
    Level: r"^([0-9]{1,3}(\.[0-9]{1,6})?|1000(\.0{1,6})?)$";
    /// Yuan from 0 to 1 000 000, at most four places.
    Revenue: r"^([0-9]{1,6}(\.[0-9]{1,4})?|1000000(\.0{1,4})?)$";
}

/// What a [`Change`] looks like.
const CHANGE: &str = r"^-?([1-9][0-9]{0,11}(\.[0-9]{1,2})?|0\.([1-9][0-9]?|0[1-9]))$";

/// Yuan above or below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change(pub Money);

kernel::textual!(Change, "decimal", Some(CHANGE));

impl FromStr for Change {
    type Err = Error;

    fn from_str(text: &str) -> kernel::Result<Self> {
        let amount: Money = text.parse()?;
        match amount == Money::ZERO {
            true => Err(Error::params("amount", "must not be 0")),
            false => Ok(Change(amount)),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["0", "0.10", "1.5", "12.000001", "1000", "1000.000000"] {
            let read: Level = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
        }
        for text in [
            "",
            "1e2",
            "1_000",
            "+1",
            "-1",
            " 1",
            "NaN",
            "1,5",
            "-",
            "1.",
            ".5",
            "1000.1",
            "1001",
            "0.1234567",
            "1\n",
        ] {
            assert!(text.parse::<Level>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_ends_where_it_should() {
        let rate = |text: &str| text.parse::<Rate>().is_ok();
        assert!(rate("0") && rate("1") && rate("1.000000") && rate("0.999999"));
        assert!(!rate("1.000001") && !rate("2") && !rate("0.0000001"));
        let revenue = |text: &str| text.parse::<Revenue>().is_ok();
        assert!(revenue("1000000") && revenue("999999.9999") && revenue("0.0001"));
        assert!(!revenue("1000000.0001") && !revenue("1000001") && !revenue("0.00001"));
    }

    #[test]
    fn a_change_is_not_zero() {
        let pattern = Regex::new(CHANGE).unwrap();
        for text in ["1", "-1", "0.01", "-0.10", "999999999999.99", "10.5"] {
            assert!(pattern.is_match(text) && text.parse::<Change>().is_ok(), "{text}");
        }
        for text in ["0", "-0", "0.0", "0.00", "-0.00", "", "1.234", "1e2"] {
            assert!(
                !pattern.is_match(text) && text.parse::<Change>().is_err(),
                "{text}"
            );
        }
    }
}
