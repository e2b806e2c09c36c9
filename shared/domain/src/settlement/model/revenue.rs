//! What one group's ads brought on one date, read and bounded: whatever is accepted can be settled.

use kernel::error::{Error, Result};
use kernel::external::check_code;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::HashSet;

/// The most that the ads of one group bring on a date, yuan. More is a mistake, not revenue.
const LARGEST: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
/// The most that one batch holds, yuan.
const LARGEST_BATCH: Decimal = Decimal::from_parts(100_000_000, 0, 0, false, 0);

/// Revenue of one group, yuan with at most four places.
#[derive(Debug, Clone, Serialize)]
pub struct Revenue {
    /// The group's code.
    pub group_code: String,
    /// From 0 to 1 000 000.
    pub amount: Decimal,
}

impl Revenue {
    /// Reads an amount as it stood in the JSON.
    ///
    /// # Errors
    /// 1403 naming `data` for what is no code, or the group whose amount is negative, too large, too long or no number.
    pub fn new(group_code: String, amount: &str) -> Result<Self> {
        check_code("data", &group_code)?;
        let wrong = |why: &str| {
            let field = format!("data.{group_code}");
            let message = format!("{field} {why}");
            Error::params(field, message)
        };
        let plain = |byte: u8| byte.is_ascii_digit() || b".+-eE".contains(&byte);
        // Decimals may be written with underscores in Rust, and in no JSON.
        let amount = if amount.bytes().all(plain) { amount } else { "" };
        let amount = Decimal::from_str_exact(amount)
            .or_else(|_| Decimal::from_scientific(amount))
            .map_err(|_| wrong("must be an amount in yuan"))?
            .normalize();
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(wrong("must not be negative"));
        }
        if amount.scale() > 4 {
            return Err(wrong("must have at most four decimal places"));
        }
        if amount > LARGEST {
            return Err(wrong(&format!("must be at most {LARGEST}")));
        }
        Ok(Revenue { group_code, amount })
    }
}

/// The sum of a batch.
///
/// # Errors
/// 1403 naming the group that is there twice, for nobody can tell which amount is meant; or `data` when it holds more
/// than a batch may.
pub(in crate::settlement) fn sum_of(revenues: &[Revenue]) -> Result<Decimal> {
    let mut seen = HashSet::with_capacity(revenues.len());
    let mut sum = Decimal::ZERO;
    for revenue in revenues {
        if !seen.insert(revenue.group_code.as_str()) {
            let field = format!("data.{}", revenue.group_code);
            let message = format!("{field} is there twice");
            return Err(Error::params(field, message));
        }
        sum += revenue.amount;
    }
    if sum > LARGEST_BATCH {
        let message = format!("`data` holds {sum} yuan; a batch may hold {LARGEST_BATCH}");
        return Err(Error::params("data", message));
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(amounts: &[(&str, &str)]) -> Vec<Revenue> {
        let revenue = |(code, amount): &(&str, &str)| Revenue::new((*code).to_owned(), amount).unwrap();
        amounts.iter().map(revenue).collect()
    }

    fn field<T: std::fmt::Debug>(outcome: Result<T>) -> String {
        outcome.unwrap_err().field.unwrap_or_default().into_owned()
    }

    #[test]
    fn what_is_no_revenue_is_named() {
        let amount = |amount: &str| field(Revenue::new("G-1".to_owned(), amount));
        for wrong in [
            "",
            "-0.01",
            "0.00001",
            "1e7",
            "1000000.0001",
            "1_000",
            "NaN",
            "1e-40",
        ] {
            assert_eq!(amount(wrong), "data.G-1", "{wrong}");
        }
        assert!(Revenue::new("G-1".to_owned(), "1000000").is_ok());
        assert!(Revenue::new("群".repeat(kernel::external::LONGEST_CODE), "1").is_ok());
        for wrong in ["", "G\0", &"群".repeat(kernel::external::LONGEST_CODE + 1)] {
            assert_eq!(field(Revenue::new(wrong.to_owned(), "1")), "data", "{wrong:?}");
        }
    }

    #[test]
    fn a_batch_is_bounded_and_names_a_group_once() {
        let whole = batch(&[("G-1", "0.48"), ("G-2", "0.0016")]);
        assert_eq!(sum_of(&whole).unwrap().to_string(), "0.4816");
        assert_eq!(
            field(sum_of(&batch(&[("G-1", "1"), ("G-2", "1"), ("G-1", "2")]))),
            "data.G-1"
        );
        let many: Vec<Revenue> = (0..101)
            .map(|number| Revenue::new(format!("G-{number}"), "1000000").unwrap())
            .collect();
        assert!(sum_of(&many[..100]).is_ok());
        assert_eq!(field(sum_of(&many)), "data");
    }
}
