//! Codes: the ids that chat networks give robots, groups and people. One type each, so that one is never passed for
//! another, and each knows its network.
//!
//! A code has one form everywhere: in the database, in lanes, locks and keys, and towards partners. The gateway's is
//! bare, every other network's is `network:code`. So that none is ever taken for another's, the gateway may have no code
//! that begins with a registered network's name and a colon.

use crate::network::Network;
use kernel::error::Error;
use kernel::external::{LONGEST_CODE, is_code};
use sea_orm::{DbErr, DeriveValueType, TryFromU64, Value};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A text that is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidCode {
    /// What [`is_code`] says can be none; the network's name before it counts.
    Shape,
    /// The gateway's, but it reads like one of this network.
    Ambiguous(Network),
}

impl InvalidCode {
    /// 1403 naming the field that held it.
    pub fn in_field(self, field: impl Into<Cow<'static, str>>) -> Error {
        let field = field.into();
        let message = format!("`{field}` {self}");
        Error::params(field, message)
    }
}

impl fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidCode::Shape => {
                write!(
                    f,
                    "must have 1 to {LONGEST_CODE} characters, none of them a control character"
                )
            }
            InvalidCode::Ambiguous(network) => {
                write!(f, "is the gateway's and must not begin with `{network}:`")
            }
        }
    }
}

impl std::error::Error for InvalidCode {}

/// Whether a text can be a code at all.
fn check(text: &str) -> Result<(), InvalidCode> {
    match is_code(text) {
        true => Ok(()),
        false => Err(InvalidCode::Shape),
    }
}

/// The form a network's bare code is stored in.
fn stored(network: &Network, bare: &str) -> Result<String, InvalidCode> {
    check(bare)?;
    if network.is_gateway() {
        return match Network::before_colon(bare) {
            Some((other, _)) => Err(InvalidCode::Ambiguous(other)),
            None => Ok(bare.to_owned()),
        };
    }
    let stored = format!("{network}:{bare}");
    check(&stored)?;
    Ok(stored)
}

/// Network and bare code of a stored one.
fn split(stored: &str) -> (Network, &str) {
    match Network::before_colon(stored) {
        Some((network, bare)) if !network.is_gateway() => (network, bare),
        _ => (Network::gateway(), stored),
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        kernel::textual!($name, "code", Some(kernel::openapi::CODE));

        impl $name {
            /// What a network calls it on its own wire.
            ///
            /// # Errors
            /// When that is no code, or one of the gateway's that reads like another network's.
            pub fn on(network: &Network, bare: &str) -> Result<Self, InvalidCode> {
                stored(network, bare).map($name)
            }

            /// The network that gave it.
            pub fn network(&self) -> Network {
                split(&self.0).0
            }

            /// As its network's wire has it.
            pub fn bare(&self) -> &str {
                split(&self.0).1
            }

            /// As the database and partners have it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Reads the form of the database and of partners' wires.
        impl FromStr for $name {
            type Err = InvalidCode;

            fn from_str(text: &str) -> Result<Self, InvalidCode> {
                match split(text) {
                    (network, bare) => stored(&network, bare).map($name),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl From<&$name> for Value {
            fn from(code: &$name) -> Value {
                code.0.clone().into()
            }
        }

        /// No sequence ever makes one; entities ask for it of every part of a key.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

codes! {
    /// A robot's id on its chat network.
    RobotCode,
    /// A group's id on its chat network.
    GroupCode,
    /// A person's id on their chat network; a robot's, where it is spoken of as a member of a group.
    UserCode,
}

impl From<&RobotCode> for UserCode {
    /// The robot as a member of a group: networks tell both by the same id.
    fn from(robot: &RobotCode) -> Self {
        UserCode(robot.0.clone())
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
