//! Phone numbers of the mainland.

use kernel::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// A mobile number: 1, then 3 to 9, then nine digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.as_bytes() {
            [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) => {
                Ok(Phone(text.to_owned()))
            }
            _ => Err(Error::params("phone", "must be a mobile number of eleven digits")),
        }
    }
}

/// Shows the ends only: a number in a log is personal data.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}****{}", &self.0[..3], &self.0[7..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mobile_numbers_are_phones() {
        assert_eq!("13800138000".parse::<Phone>().unwrap().to_string(), "138****8000");
        for text in [
            "",
            "12800138000",
            "1380013800",
            "138001380000",
            "+8613800138000",
            "13８00138000",
            "1380013800a",
        ] {
            assert_eq!(
                text.parse::<Phone>().unwrap_err().field.as_deref(),
                Some("phone"),
                "{text}"
            );
        }
    }
}
