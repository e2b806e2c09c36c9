//! Chat networks by name. Each has a transport of its own; its name stands before every code it gives us.

use kernel::error::{Error, Result};
use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

/// The robot gateway. Its codes are written without its name.
const GATEWAY: &str = "gateway";
/// Networks this build knows, whether or not a process drives robots on them: codes are read the same everywhere.
const BUILT_IN: &[&str] = &[GATEWAY];
/// Networks that joined while the process runs; none ever leaves.
static JOINED: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());
/// Characters of a name.
const LONGEST_NAME: usize = 32;

/// A chat network: 1 to 32 lower-case letters and digits, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Network(String);

impl Network {
    /// The robot gateway, which was there before networks had names.
    pub fn gateway() -> Self {
        Network(GATEWAY.to_owned())
    }

    /// Whether this is the robot gateway.
    pub fn is_gateway(&self) -> bool {
        self.0 == GATEWAY
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Has codes that begin with its name be read as its own, and no longer as the gateway's. [`crate::Transports`] does
    /// so for each of its networks.
    pub(crate) fn register(&self) {
        let mut joined = JOINED.write().unwrap_or_else(PoisonError::into_inner);
        if !BUILT_IN.contains(&self.as_str()) {
            joined.insert(self.0.clone());
        }
    }

    /// The registered network whose name and a colon a code begins with, and what follows.
    pub(crate) fn before_colon(code: &str) -> Option<(Network, &str)> {
        let (name, rest) = code.split_once(':')?;
        let joined = || {
            JOINED
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(name)
        };
        (BUILT_IN.contains(&name) || joined()).then(|| (Network(name.to_owned()), rest))
    }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
        let goes_on = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
        if !begins || name.len() > LONGEST_NAME || !name.chars().all(goes_on) {
            let message = format!(
                "`network` must have 1 to {LONGEST_NAME} lower-case letters and digits, a letter first"
            );
            return Err(Error::params("network", message));
        }
        Ok(Network(name.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// No sequence ever makes one; entities ask for it of every part of a key.
impl TryFromU64 for Network {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Network"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_and_short() {
        for name in ["gateway", "onebot", "q2", &"n".repeat(32)] {
            assert_eq!(name.parse::<Network>().unwrap().as_str(), name);
        }
        for wrong in [
            "",
            "Gateway",
            "2q",
            "one-bot",
            "one:bot",
            "网络",
            "a\0",
            &"n".repeat(33),
        ] {
            let error = wrong.parse::<Network>().unwrap_err();
            assert_eq!(error.field.as_deref(), Some("network"), "{wrong}");
        }
    }
}
