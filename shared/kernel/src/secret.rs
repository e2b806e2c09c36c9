//! Values that are one person's alone: codes, links that stand for somebody.
//!
//! A [`Secret`] shows as `***` wherever it is written: in logs, in errors, as JSON. There are two ways out: [`expose`]
//! (for whoever carries it to its person) and the sealed column of the outbox, which `outbox::Message` fills.
//!
//! [`expose`]: Secret::expose

use super::crypto;
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

/// What shows instead.
pub const MASK: &str = "***";

/// A text that is one person's alone.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself, to be carried to whom it belongs.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        crypto::same(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

thread_local! {
    /// Whether what is serialised on this thread is about to be sealed.
    static SEALING: Cell<bool> = const { Cell::new(false) };
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = if SEALING.get() { self.expose() } else { MASK };
        serializer.serialize_str(text)
    }
}

/// A value as JSON with its secrets in it, to be sealed at once. For the outbox only.
///
/// # Errors
/// When it is no JSON.
pub(super) fn to_sealable_json(value: &impl Serialize) -> serde_json::Result<serde_json::Value> {
    /// Ends it also when serialising panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            SEALING.set(false);
        }
    }
    SEALING.set(true);
    let _end = End;
    serde_json::to_value(value)
}

/// How the tokens of our links begin, so that they are known wherever they turn up.
pub const LINK_TOKEN_PREFIX: &str = "gl_";

/// A token by its beginning, or whatever stands in a link of ours: tokens of before had no beginning of their own.
static LINK_TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = format!("(link_token=)[A-Za-z0-9_.-]+|{LINK_TOKEN_PREFIX}[A-Za-z0-9_-]{{40,}}");
    Regex::new(&pattern).expect("a pattern that the tests use")
});

/// A text from somewhere else, with all tokens of our links in it masked: people send links back to robots, and partners
/// repeat in complaints what they complain of.
pub fn mask_link_tokens(text: &str) -> Cow<'_, str> {
    LINK_TOKEN.replace_all(text, format!("${{1}}{MASK}"))
}

/// The same in every text of a JSON value.
pub fn mask_link_tokens_in(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = mask_link_tokens(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_link_tokens_in),
        Value::Object(fields) => fields.values_mut().for_each(mask_link_tokens_in),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Letter {
        to: String,
        words: Secret,
    }

    fn letter() -> Letter {
        Letter {
            to: "Ann".into(),
            words: "123456".into(),
        }
    }

    #[test]
    fn a_secret_never_shows() {
        let letter = letter();
        let shown = format!(
            "{letter:?} {:#?} {}",
            Some(&letter),
            serde_json::to_string(&letter).unwrap()
        );
        assert!(shown.contains("Ann") && shown.contains(MASK), "{shown}");
        assert!(!shown.contains("123456"), "{shown}");
    }

    #[test]
    fn it_shows_in_what_is_sealed_and_not_a_moment_longer() {
        let sealable = to_sealable_json(&letter()).unwrap();
        assert_eq!(sealable["words"], "123456");
        assert_eq!(serde_json::to_value(letter()).unwrap()["words"], MASK);
        assert_eq!(serde_json::from_value::<Letter>(sealable).unwrap(), letter());
        struct Unwritable(Secret);
        impl Serialize for Unwritable {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                let _ = &self.0;
                Err(serde::ser::Error::custom("no"))
            }
        }
        assert!(to_sealable_json(&Unwritable("1".into())).is_err());
        assert_eq!(serde_json::to_value(letter()).unwrap()["words"], MASK);
    }

    #[test]
    fn tokens_of_links_are_masked_wherever_they_stand() {
        let token = format!("{LINK_TOKEN_PREFIX}{}", "aZ0-_".repeat(15));
        let old = format!("{}.1795226400.{}", uuid::Uuid::nil(), "5e".repeat(32));
        for (text, masked) in [
            (
                format!("home: https://x.example/home?link_token={token}&a=1"),
                "home: https://x.example/home?link_token=***&a=1",
            ),
            (
                format!("home: https://x.example/home?link_token={old}\nmore"),
                "home: https://x.example/home?link_token=***\nmore",
            ),
            (format!("here is {token}, take it"), "here is ***, take it"),
            (format!("{token} 和 {token}"), "*** 和 ***"),
            (format!("link_token={old} {token}"), "link_token=*** ***"),
            (
                "link_token= and gl_short stay".to_owned(),
                "link_token= and gl_short stay",
            ),
            (String::new(), ""),
        ] {
            assert_eq!(mask_link_tokens(&text), masked);
        }
        let mut value = serde_json::json!({"a": [{"b": token}], "c": 1});
        mask_link_tokens_in(&mut value);
        assert_eq!(value, serde_json::json!({"a": [{"b": "***"}], "c": 1}));
    }

    proptest! {
        #[test]
        fn masking_leaves_nothing_to_mask(text in "(link_token=|gl_|[a-z.-]{0,50}|\\PC{0,5}){0,8}") {
            let once = mask_link_tokens(&text).into_owned();
            prop_assert_eq!(mask_link_tokens(&once), once.as_str());
        }
    }
}
