//! What holds at every boundary.

use chrono::{DateTime, Utc};
use kernel::code::Code;
use kernel::error::Error;

/// Bytes of a refusal: it may name a field, and not repeat what was sent.
const LONGEST_REFUSAL: usize = 4096;

/// The time of all targets: what they read must not depend on when.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_226_400, 0).unwrap_or_default()
}

/// One of so many, by a byte that is readable in examples: `0` is the first.
pub fn choice(byte: u8, count: u8) -> u8 {
    byte.wrapping_sub(b'0') % count
}

/// A text that a column takes, of so many characters at most.
pub fn storable(what: &str, text: &str, most: usize) {
    assert!(!text.contains('\0'), "{what} has a NUL: {text:?}");
    let length = text.chars().count();
    assert!(length <= most, "{what} has {length} characters, {most} at most");
}

/// Refused with 1403, in a few words without a NUL.
pub fn refused(error: &Error) {
    assert_eq!(error.code, Code::ParamsError, "{error:?}");
    let field = error.field.as_deref().unwrap_or_default();
    for text in [&error.message, field] {
        assert!(!text.contains('\0'), "{error:?}");
        assert!(text.len() <= LONGEST_REFUSAL, "{} bytes", text.len());
    }
}

/// Nothing in what is shown or logged of it.
pub fn hides(error: &Error, secret: &str) {
    let shown = [error.chain(), format!("{error:?}"), error.message.to_string()];
    assert!(!shown.iter().any(|text| text.contains(secret)), "{shown:?}");
}

/// JSON of which our readers pass over a part: that may be no text, which is written as such here, or no JSON even; then
/// there is nothing to compare with.
pub fn whole(json: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_str(&String::from_utf8_lossy(json)).ok()
}

/// Whether a text of something's `Debug` has an escaped NUL.
pub fn shows_nul(debug: &str) -> bool {
    let mut rest = debug.chars();
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next() == Some('0') {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_told_from_a_backslash_before_a_digit() {
        assert!(shows_nul(&format!("{:?}", "a\0")));
        assert!(shows_nul(&format!("{:?}", "\\\0")));
        assert!(!shows_nul(&format!("{:?}", "a\\0")));
        assert!(!shows_nul(&format!("{:?}", "\u{7f}0\n0")));
    }
}
