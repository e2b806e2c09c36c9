//! Why an operator does something.

use kernel::Error;
use kernel::external::{LONGEST_REASON, given_reason};
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The reason of a deed that is kept with it: words, without white space around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

kernel::textual!(Reason, "reason", Some(r"\S"), Some((1, LONGEST_REASON)));

impl FromStr for Reason {
    type Err = Error;

    fn from_str(text: &str) -> kernel::Result<Self> {
        given_reason(text).map(|reason| Reason(reason.to_owned()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deref for Reason {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.0
    }
}
