//! Sealing of what must not lie in a table as it is.
//!
//! A sealed value is: a byte 1 (the format), the number of its key (two bytes, the high one first), a nonce (12 bytes),
//! AES-256-GCM. It is bound to its place, so that it does not open in another row.

use super::config::IdentityConfig;
use super::crypto;
use super::error::{Error, Result};
use secrecy::{ExposeSecret, SecretSlice};
use std::fmt::Display;

/// The first byte of all sealed values of this format.
const FORMAT: u8 = 1;
/// The number of the key in `identity.data_key`.
const FIRST_KEY: u16 = 1;

/// The keys of this process: the first seals, all of them open. Cheap to make; cloned with messages.
#[derive(Clone)]
pub struct DataKeys(Vec<DataKey>);

#[derive(Clone)]
struct DataKey {
    number: u16,
    bytes: SecretSlice<u8>,
}

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a, Row> {
    /// Its table.
    pub table: &'a str,
    /// Its column.
    pub column: &'a str,
    /// The key of its row.
    pub row: Row,
}

impl<Row: Display> Place<'_, Row> {
    fn bound(&self) -> String {
        format!("{}|{}|{}", self.table, self.column, self.row)
    }
}

impl DataKeys {
    /// The keys of the configuration: there is one so far, number 1.
    ///
    /// # Errors
    /// When it is no hex, which the start of a process makes sure of.
    pub fn of(config: &IdentityConfig) -> Result<Self> {
        let bytes = hex::decode(config.data_key.expose_secret())
            .map_err(|_| Error::internal("identity.data_key (GPET_DATA_KEY) is not hex"))?;
        Ok(DataKeys(vec![DataKey {
            number: FIRST_KEY,
            bytes: bytes.into(),
        }]))
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// When there is no key to seal with.
    pub fn seal<Row: Display>(&self, place: &Place<'_, Row>, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.newest()?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&key.number.to_be_bytes());
        sealed.extend(crypto::seal(
            key.bytes.expose_secret(),
            place.bound().as_bytes(),
            plain,
        )?);
        Ok(sealed)
    }

    /// Opens a value at its place.
    ///
    /// # Errors
    /// 1500 naming the key, never what it seals, when this process has not that key, or it is not that one.
    pub fn open<Row: Display>(&self, place: &Place<'_, Row>, sealed: &[u8]) -> Result<Vec<u8>> {
        let (table, column) = (place.table, place.column);
        let [FORMAT, high, low, rest @ ..] = sealed else {
            let words = format!("{table}.{column} is not sealed in a format this version knows");
            return Err(Error::internal(words));
        };
        let number = u16::from_be_bytes([*high, *low]);
        let key = self.0.iter().find(|key| key.number == number).ok_or_else(|| {
            let words =
                format!("{table}.{column} is sealed under data key {number}, which this process has not");
            Error::internal(words)
        })?;
        let plain = crypto::open(key.bytes.expose_secret(), place.bound().as_bytes(), rest);
        plain.ok_or_else(|| {
            Error::internal(format!(
                "{table}.{column} does not open under data key {number} (GPET_DATA_KEY is another, or the value was altered or moved)"
            ))
        })
    }

    /// The same, also for what was sealed before values had a format: a nonce and AES-256-GCM under key 1, bound to
    /// nothing.
    ///
    /// # Errors
    /// As [`DataKeys::open`].
    pub fn open_any_format<Row: Display>(&self, place: &Place<'_, Row>, sealed: &[u8]) -> Result<Vec<u8>> {
        // A nonce may begin like a format, so what does not open as one is tried as the other.
        self.open(place, sealed).or_else(|error| {
            let first = self.0.iter().find(|key| key.number == FIRST_KEY);
            first
                .and_then(|key| crypto::open(key.bytes.expose_secret(), b"", sealed))
                .ok_or(error)
        })
    }

    /// A key of its own for a purpose, of the key that seals.
    ///
    /// # Errors
    /// When there is none.
    pub fn derive(&self, purpose: &str) -> Result<[u8; 32]> {
        crypto::derive_key(self.newest()?.bytes.expose_secret(), purpose)
    }

    fn newest(&self) -> Result<&DataKey> {
        self.0
            .first()
            .ok_or_else(|| Error::internal("there is no data key"))
    }
}

#[cfg(any(test, feature = "testing"))]
/// For tests: one key with this number.
pub fn testing_keys(number: u16, byte: u8) -> DataKeys {
    DataKeys(vec![DataKey {
        number,
        bytes: vec![byte; 32].into(),
    }])
}

#[cfg(test)]
mod tests {
    use super::testing_keys as keys;
    use super::*;
    use proptest::prelude::*;

    const HERE: Place<'_, u32> = Place {
        table: "outbox",
        column: "sealed",
        row: 7,
    };

    #[test]
    fn a_value_opens_in_its_place_only() {
        let keys = keys(1, 1);
        let sealed = keys.seal(&HERE, b"secret").unwrap();
        assert_eq!(&sealed[..3], [1, 0, 1], "format and key");
        assert_eq!(keys.open(&HERE, &sealed).unwrap(), b"secret");
        assert_ne!(
            keys.seal(&HERE, b"secret").unwrap(),
            sealed,
            "never twice the same"
        );
        for elsewhere in [
            Place {
                table: "users",
                ..HERE
            },
            Place {
                column: "payload",
                ..HERE
            },
            Place { row: 8, ..HERE },
        ] {
            assert!(keys.open(&elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let (old, new) = (keys(1, 1), keys(2, 2));
        let both = DataKeys([new.0, old.0.clone()].concat());
        let (before, after) = (old.seal(&HERE, b"a").unwrap(), both.seal(&HERE, b"b").unwrap());
        assert_eq!(after[..3], [1, 0, 2]);
        assert_eq!(both.open(&HERE, &before).unwrap(), b"a");
        assert_eq!(both.open(&HERE, &after).unwrap(), b"b");
        let error = old.open(&HERE, &after).unwrap_err().chain();
        assert!(
            error.contains("outbox.sealed") && error.contains("data key 2"),
            "{error}"
        );
    }

    #[test]
    fn another_key_of_the_same_number_is_named() {
        let sealed = keys(1, 1).seal(&HERE, b"secret").unwrap();
        let error = keys(1, 2).open(&HERE, &sealed).unwrap_err().chain();
        assert!(
            error.contains("data key 1") && error.contains("GPET_DATA_KEY"),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn what_was_sealed_before_there_was_a_format_opens() {
        let old = crypto::seal(&[1; 32], b"", b"card").unwrap();
        let keys = keys(1, 1);
        assert_eq!(keys.open_any_format(&HERE, &old).unwrap(), b"card");
        let new = keys.seal(&HERE, b"card").unwrap();
        assert_eq!(keys.open_any_format(&HERE, &new).unwrap(), b"card");
        assert!(keys.open_any_format(&Place { row: 8, ..HERE }, &new).is_err());
        assert!(keys.open(&HERE, &old).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble_and_none_open(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(keys(1, 1).open(&HERE, &bytes).is_err());
            prop_assert!(keys(1, 1).open_any_format(&HERE, &bytes).is_err());
        }

        #[test]
        fn one_bit_changed_is_noticed(place in 0usize..40, bit in 0u8..8) {
            let mut sealed = keys(1, 1).seal(&HERE, b"secret words").unwrap();
            let place = place % sealed.len();
            sealed[place] ^= 1 << bit;
            prop_assert!(keys(1, 1).open(&HERE, &sealed).is_err());
        }
    }
}
