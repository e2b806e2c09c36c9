//! A message as it arrived, and what of it a row of the inbox can hold.

use crate::crypto;
use crate::error::Error;
use crate::external::is_code;

/// Bytes a message may have; the member list of a group with thousands of members is well below.
pub const LARGEST_BODY: usize = 1 << 20;
/// Bytes that are kept of a larger one, or of one that PostgreSQL refuses.
pub const KEPT_OF_REFUSED: usize = 64 << 10;
/// Bytes of a key or lane: two of the longest codes and what stands around them. An index takes 2704.
const LONGEST_KEY: usize = 2400;
/// Command and lane of what cannot be read.
const MALFORMED: &str = "malformed";

/// A message as it arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What makes a second copy recognisable.
    pub message_key: String,
    /// The command, or `malformed`.
    pub command: String,
    /// What it must stay in order with.
    pub lane: String,
    /// Its bytes, or the first of them.
    pub body: Vec<u8>,
    /// How many bytes it had, where only the first are kept.
    pub full_size: Option<usize>,
    /// Why it cannot be handled at all, if so.
    pub malformed: Option<String>,
}

impl Arrival {
    /// A message that cannot be taken: dead, with as much of it as a person needs to see what it was. Nothing that it
    /// says is made a key; a copy has the same bytes.
    pub fn refused(network: &str, body: &[u8], reason: String) -> Self {
        let kept = &body[..body.len().min(KEPT_OF_REFUSED)];
        Arrival {
            message_key: key_of_bytes(network, body),
            command: MALFORMED.to_owned(),
            lane: MALFORMED.to_owned(),
            body: kept.to_vec(),
            full_size: (kept.len() < body.len()).then_some(body.len()),
            malformed: Some(reason),
        }
    }

    /// What keeps it out of the inbox's columns and indexes, if anything does.
    pub fn misfit(&self) -> Option<Error> {
        let too_long = |text: &str| text.len() > LONGEST_KEY || text.contains('\0');
        if !is_code(&self.command) {
            return Some(Error::params("command", "the command is too long"));
        }
        if too_long(&self.message_key) || too_long(&self.lane) {
            return Some(Error::params("body", "the codes in it are too long"));
        }
        None
    }
}

/// The key of what has none of its own: the hash of its bytes.
pub fn key_of_bytes(network: &str, body: &[u8]) -> String {
    format!("{network}:bytes:{}", hex::encode(crypto::sha256(body)))
}

/// Why a message of so many bytes is not taken.
pub fn too_large(bytes: usize) -> Error {
    let message = format!("the message has {bytes} bytes; at most {LARGEST_BODY} are taken");
    Error::params("body", message)
}

/// Why a dead message cannot be handled when it is put back in line.
pub fn cut_short(bytes: i64) -> Error {
    let message =
        format!("only the first {KEPT_OF_REFUSED} of its {bytes} bytes were kept: it can be given up only");
    Error::params("body", message)
}
