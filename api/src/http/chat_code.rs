//! Codes of chat networks in requests.

use kernel::Result;
use kernel::external::LONGEST_CODE;
use std::fmt;
use std::str::FromStr;
use transport::InvalidCode;

/// What a list is searched for: a code of any kind, or nothing.
#[derive(Debug, Clone)]
pub struct CodeSearch(String);

kernel::textual!(CodeSearch, "code", Some(r"^[^\x00-\x1f\x7f-\x9f]{0,255}$"));

impl FromStr for CodeSearch {
    type Err = InvalidCode;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidCode> {
        match text.chars().count() > LONGEST_CODE || text.contains(char::is_control) {
            true => Err(InvalidCode::Shape),
            false => Ok(CodeSearch(text.to_owned())),
        }
    }
}

impl fmt::Display for CodeSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CodeSearch> for String {
    fn from(sought: CodeSearch) -> String {
        sought.0
    }
}

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
    text: Option<impl Into<String>>,
) -> Result<Option<C>> {
    text.map(Into::into)
        .filter(|text: &String| !text.is_empty())
        .map(|text| code(field, &text))
        .transpose()
}
