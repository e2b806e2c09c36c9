//! Decimals of requests: strings, so that none passes through a float.

use kernel::Error;
use rust_decimal::Decimal;

/// Reads a decimal string of this field.
///
/// # Errors
/// 1403 naming the field.
pub fn decimal(field: &str, text: &str) -> kernel::Result<Decimal> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    Decimal::from_str_exact(text)
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| {
            Error::params(
                field.to_owned(),
                format!("`{field}` must be a decimal string, like \"0.10\""),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["0", "0.10", "-1.5", "12.000001"] {
            assert_eq!(
                decimal("rate", text).map(|read| read.to_string()).ok().as_deref(),
                Some(text)
            );
        }
        for text in ["", "1e2", "1_000", "+1", " 1", "NaN", "1,5", "-"] {
            let error = decimal("rate", text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("rate"), "{text:?}");
        }
    }
}
