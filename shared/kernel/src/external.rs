//! What comes from outside as text: how long it may be and what it may hold, in one place.

use super::crypto;
use super::error::{Error, Result};
use std::borrow::Cow;

/// Characters a code may have: of a person, a robot, a group, a command or a message.
pub const LONGEST_CODE: usize = 255;
/// Characters of a name that are kept; names are shown and decide nothing.
pub const LONGEST_NAME: usize = 255;
/// Bytes an address may have. One that is part of a key must fit a row of an index, which ends at 2704 bytes.
pub const LONGEST_ADDRESS: usize = 2048;
/// Characters of the reason somebody gives for a deed.
pub const LONGEST_REASON: usize = 500;
/// Characters of a failure's reason that are kept.
const LONGEST_FAILURE: usize = 2000;
/// Bytes of a key that is stored as it is.
const LONGEST_KEY: usize = 1024;

/// Whether this can be a code: 1 to [`LONGEST_CODE`] characters, none of them a control character, of which PostgreSQL's
/// text cannot hold NUL.
pub fn is_code(text: &str) -> bool {
    // A character has at most four bytes; so nothing long is counted.
    !text.is_empty()
        && text.len() <= 4 * LONGEST_CODE
        && text.chars().count() <= LONGEST_CODE
        && !text.contains(char::is_control)
}

/// Refuses what cannot be a code.
///
/// # Errors
/// 1403 naming `field`.
pub fn check_code(field: impl Into<Cow<'static, str>>, text: &str) -> Result<()> {
    if is_code(text) {
        return Ok(());
    }
    let field = field.into();
    let message =
        format!("`{field}` must have 1 to {LONGEST_CODE} characters, none of them a control character");
    Err(Error::params(field, message))
}

/// A key made of codes, short enough for an index: a long one is replaced by its hash.
pub fn index_key(key: String) -> String {
    match key.len() > LONGEST_KEY {
        true => format!("sha256:{}", hex::encode(crypto::sha256(key.as_bytes()))),
        false => key,
    }
}

/// The text without NUL characters.
pub fn without_nul(mut text: String) -> String {
    if text.contains('\0') {
        text.retain(|character| character != '\0');
    }
    text
}

/// The reason somebody gives for a deed, without white space around it.
///
/// # Errors
/// 1403 naming `reason` when there is none, or it is longer than [`LONGEST_REASON`] characters or holds NUL.
pub fn given_reason(text: &str) -> Result<&str> {
    let reason = text.trim();
    match reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.contains('\0') {
        true => Err(Error::params(
            "reason",
            format!("is required, at most {LONGEST_REASON} characters"),
        )),
        false => Ok(reason),
    }
}

/// A failure's reason as a column takes it, whatever it quotes.
pub fn reason(text: &str) -> String {
    let text: String = text.chars().filter(|character| *character != '\0').collect();
    cut(text, LONGEST_FAILURE)
}

/// The first so many characters.
pub fn cut(mut text: String, characters: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_1_to_255_characters_of_any_size() {
        assert!(is_code("U") && is_code(&"群".repeat(255)) && is_code(&"😀".repeat(255)));
        for wrong in ["", "U\0", &"U".repeat(256), &"😀".repeat(256), &"U".repeat(9000)] {
            let error = check_code("user_id", wrong).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("user_id"));
        }
    }

    #[test]
    fn a_reason_has_words_and_an_end() {
        assert_eq!(given_reason(" 重复 \n").unwrap(), "重复");
        assert!(given_reason(&"群".repeat(LONGEST_REASON)).is_ok());
        for wrong in ["", " \t\n", "a\0", &"群".repeat(LONGEST_REASON + 1)] {
            let error = given_reason(wrong).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("reason"));
        }
    }

    #[test]
    fn a_long_key_becomes_a_short_one_that_differs_all_the_same() {
        let long = |end: &str| index_key("😀".repeat(300) + end);
        assert_eq!(index_key("join_group:G:U".into()), "join_group:G:U");
        assert!(long("a").len() < 100);
        assert_ne!(long("a"), long("b"));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("群主群".into(), 2), "群主");
        assert_eq!(cut("ab".into(), 2), "ab");
        assert_eq!(without_nul("a\0b".into()), "ab");
    }
}
