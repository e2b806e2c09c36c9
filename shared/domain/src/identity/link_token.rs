//! The token in the link of a robot's message: whoever brings it back is the user with the chat code. No login: all it
//! does is join two rows, once and soon.
//!
//! A token is a beginning it is known by, and then in base64url: the user, an id of its own (16 bytes each), the second it
//! ends (8 bytes, the high one first), and the first 16 bytes of the HMAC-SHA256 of these 40.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::crypto;
use kernel::data_keys::DataKeys;
use kernel::error::{Error, Result};
use kernel::id::{UserId, new_uuid};
use kernel::secret::{LINK_TOKEN_PREFIX, Secret};
use uuid::Uuid;

/// What the key is for; no other token is signed with it.
const PURPOSE: &str = "gpet link token";
const CLAIM: usize = 40;
const SIGNATURE: usize = 16;

/// A link that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The link itself, which joins once.
    pub id: Uuid,
    /// Whom it was sent to.
    pub user: UserId,
    ends: i64,
}

impl Link {
    /// Refuses a link that has run out.
    ///
    /// # Errors
    /// 1403 naming `link_token`.
    pub fn check_age(&self, now: DateTime<Utc>) -> Result<()> {
        match now.timestamp() <= self.ends {
            true => Ok(()),
            false => Err(void("has expired, ask the robot for a new link")),
        }
    }
}

/// A new token for a user, good for so many seconds.
///
/// # Errors
/// When there is no key to sign with.
pub fn sign(keys: &DataKeys, user: UserId, now: DateTime<Utc>, lifetime_seconds: u32) -> Result<Secret> {
    let ends = now.timestamp().saturating_add(lifetime_seconds.into());
    let mut bytes = user.0.as_bytes().to_vec();
    bytes.extend_from_slice(new_uuid().as_bytes());
    bytes.extend_from_slice(&ends.to_be_bytes());
    bytes.extend(signature(keys, &bytes)?);
    Ok(format!("{LINK_TOKEN_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)).into())
}

/// The link a token belongs to; it may have run out or been used.
///
/// # Errors
/// 1403 naming `link_token` when it is not ours.
pub fn read(keys: &DataKeys, token: &str) -> Result<Link> {
    let foreign = || void("is not one of ours, ask the robot for a new link");
    let packed = token.strip_prefix(LINK_TOKEN_PREFIX).ok_or_else(foreign)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(packed).map_err(|_| foreign())?;
    let (claim, given) = bytes.split_at_checked(CLAIM).ok_or_else(foreign)?;
    if !crypto::same_bytes(&signature(keys, claim)?, given) {
        return Err(foreign());
    }
    let id = |from: usize| Uuid::from_slice(&claim[from..from + 16]).map_err(|_| foreign());
    let ends = claim[32..].try_into().map_err(|_| foreign())?;
    Ok(Link {
        id: id(16)?,
        user: UserId(id(0)?),
        ends: i64::from_be_bytes(ends),
    })
}

fn void(why: &'static str) -> Error {
    Error::params("link_token", why)
}

fn signature(keys: &DataKeys, claim: &[u8]) -> Result<Vec<u8>> {
    let mut whole = crypto::hmac_sha256(&keys.derive(PURPOSE)?, claim);
    whole.truncate(SIGNATURE);
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use kernel::data_keys::testing_keys as keys;
    use kernel::secret::mask_link_tokens;

    fn now() -> DateTime<Utc> {
        "2026-11-22T02:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_is_good_for_its_lifetime() {
        let user = UserId::new();
        let token = sign(&keys(1, 1), user, now(), 3600).unwrap();
        let link = read(&keys(1, 1), token.expose()).unwrap();
        assert_eq!(link.user, user);
        assert!(link.check_age(now() + TimeDelta::seconds(3600)).is_ok());
        let late = link.check_age(now() + TimeDelta::seconds(3601)).unwrap_err();
        assert!(late.message.contains("expired"), "{late}");
        assert_eq!(late.field.as_deref(), Some("link_token"));
    }

    #[test]
    fn two_links_of_one_second_are_two() {
        let user = UserId::new();
        let ids = [(); 2].map(|()| {
            let token = sign(&keys(1, 1), user, now(), 3600).unwrap();
            read(&keys(1, 1), token.expose()).unwrap().id
        });
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn any_character_changed_makes_it_foreign() {
        let token = sign(&keys(1, 1), UserId::new(), now(), 3600).unwrap();
        let token = token.expose();
        for place in 0..token.len() {
            let mut changed = token.to_owned().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let error = read(&keys(1, 1), std::str::from_utf8(&changed).unwrap()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("link_token"), "{place}");
        }
        let old = format!("{}.1795226400.{}", Uuid::nil(), "5e".repeat(32));
        let longer = format!("{token}AAAA");
        for token in [
            "",
            ".",
            "a.b.c",
            "gl_",
            "gl_AAAA",
            &token[..token.len() - 1],
            &longer,
            &old,
        ] {
            assert!(read(&keys(1, 1), token).is_err(), "{token}");
        }
        assert!(read(&keys(1, 2), token).is_err(), "another key");
    }

    #[test]
    fn a_token_is_known_wherever_it_turns_up() {
        let token = sign(&keys(1, 1), UserId::new(), now(), 3600).unwrap();
        assert_eq!(mask_link_tokens(token.expose()), "***");
    }
}
