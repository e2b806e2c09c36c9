//! Codes of chat networks in requests.

use kernel::Result;
use std::str::FromStr;
use transport::InvalidCode;

/// Reads the code in this field.
///
/// # Errors
/// 1403 naming the field.
pub fn code<C: FromStr<Err = InvalidCode>>(field: &'static str, text: &str) -> Result<C> {
    text.parse()
        .map_err(|invalid: InvalidCode| invalid.in_field(field))
}

/// Reads the code in this field, if there is one.
///
/// # Errors
/// 1403 naming the field.
pub fn optional_code<C: FromStr<Err = InvalidCode>>(
    field: &'static str,
    text: Option<String>,
) -> Result<Option<C>> {
    text.filter(|text| !text.is_empty())
        .map(|text| code(field, &text))
        .transpose()
}
