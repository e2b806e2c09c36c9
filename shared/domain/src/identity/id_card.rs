//! Numbers of resident identity cards: GB 11643, and the fifteen digits that went before it.

use chrono::NaiveDate;
use kernel::data_keys::{DataKeys, Place};
use kernel::error::{Error, Result};
use kernel::id::UserId;
use serde::{Deserialize, Serialize};

/// First two digits of every province's divisions, Taiwan, Hong Kong and Macao included.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// A card as it is kept, sealed.
#[derive(Serialize, Deserialize)]
pub struct IdCard {
    id_number: String,
    name: String,
}

impl IdCard {
    /// Checks name and number; `today` bounds the date of birth.
    ///
    /// # Errors
    /// 1403 naming `name` or `id_number`.
    pub fn new(name: &str, number: &str, today: NaiveDate) -> Result<Self> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 50 {
            return Err(Error::params("name", "must have 1 to 50 characters"));
        }
        let number = number.trim().to_ascii_uppercase();
        match valid(number.as_bytes(), today) {
            true => Ok(IdCard {
                id_number: number,
                name: name.to_owned(),
            }),
            false => Err(Error::params(
                "id_number",
                "is not the number of an identity card",
            )),
        }
    }
}

/// Where the card of a user is kept.
fn place(user: UserId) -> Place<'static, UserId> {
    Place {
        table: "users",
        column: "identity_card",
        row: user,
    }
}

impl IdCard {
    /// As it is kept.
    ///
    /// # Errors
    /// When there is no key to seal with.
    pub fn sealed_for(&self, keys: &DataKeys, user: UserId) -> Result<Vec<u8>> {
        keys.seal(&place(user), &serde_json::to_vec(self)?)
    }
}

/// A card that becomes another user's: it opens in its own row only.
///
/// # Errors
/// When it does not open.
pub(super) fn handed_over(keys: &DataKeys, from: UserId, to: UserId, sealed: &[u8]) -> Result<Vec<u8>> {
    keys.seal(&place(to), &keys.open_any_format(&place(from), sealed)?)
}

fn valid(number: &[u8], today: NaiveDate) -> bool {
    let digits = match number.len() {
        15 => number,
        18 => &number[..17],
        _ => return false,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let read = |from: usize, to: usize| {
        digits[from..to]
            .iter()
            .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
    };
    let known = PROVINCES
        .iter()
        .any(|province| u32::from(*province) == read(0, 2));
    let (year, rest) = match digits.len() {
        17 => (read(6, 10), 10),
        _ => (1900 + read(6, 8), 8),
    };
    let born = NaiveDate::from_ymd_opt(year as i32, read(rest, rest + 2), read(rest + 2, rest + 4));
    known
        && born.is_some_and(|born| year >= 1850 && born <= today)
        && (number.len() == 15 || number[17] == check_character(digits))
}

/// ISO 7064, MOD 11-2.
fn check_character(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepted(number: &str) -> bool {
        IdCard::new("张三", number, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()).is_ok()
    }

    #[test]
    fn known_numbers() {
        // The standard's own examples, and the old form.
        assert!(accepted("11010519491231002X"));
        assert!(accepted("440524188001010014"));
        assert!(accepted("11010519491231002x"));
        assert!(accepted("110105491231002"));
        for number in [
            "",
            "110105194912310021",
            "99010519491231002X",
            "11010519490231002X",
            "1101051949123100X2",
            "11010520991231002X",
            "１10105491231002",
            "110105491331002",
            "字字字字字字",
        ] {
            assert!(!accepted(number), "{number}");
        }
    }

    #[test]
    fn a_card_changes_rows_whatever_its_format() {
        use kernel::crypto;
        use kernel::data_keys::testing_keys as keys;
        let (keys, from, to) = (keys(1, 7), UserId::new(), UserId::new());
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let card = IdCard::new("张三", "11010519491231002X", today).unwrap();
        let plain = serde_json::to_vec(&card).unwrap();
        let before_formats = crypto::seal(&[7; 32], b"", &plain).unwrap();
        for sealed in [card.sealed_for(&keys, from).unwrap(), before_formats] {
            let moved = handed_over(&keys, from, to, &sealed).unwrap();
            assert_eq!(keys.open(&place(to), &moved).unwrap(), plain);
            assert!(keys.open(&place(from), &moved).is_err());
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(
            province in 0..PROVINCES.len(), area in 0u32..10_000, days in 0i64..40_000, order in 0u32..1000,
            place in 0usize..17, shift in 1u8..10,
        ) {
            let born = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::TimeDelta::days(days);
            let digits = format!("{}{area:04}{}{order:03}", PROVINCES[province], born.format("%Y%m%d"));
            let check = char::from(check_character(digits.as_bytes()));
            let whole = format!("{digits}{check}");
            prop_assert!(accepted(&whole));
            let mut broken = whole.into_bytes();
            broken[place] = b'0' + (broken[place] - b'0' + shift) % 10;
            prop_assert!(!accepted(std::str::from_utf8(&broken).unwrap()));
        }

        #[test]
        fn no_text_makes_it_stumble(number in "\\PC{0,20}") {
            accepted(&number);
        }
    }
}
