//! The token in the link of a robot's welcome: whoever brings it back is the user with the chat code. Short, because
//! people see it, and no login: all it does is join two rows.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::config::JwtConfig;
use kernel::crypto;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use secrecy::ExposeSecret;

/// For how long a link can be used.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// `{user}.{unix second it ends}.{signature}`
pub fn sign(config: &JwtConfig, user: UserId, now: DateTime<Utc>) -> String {
    let claim = format!("{user}.{}", (now + LIFETIME).timestamp());
    let signature = signature(config, &claim);
    format!("{claim}.{signature}")
}

/// Whose welcome the token came with.
///
/// # Errors
/// 1403 naming `link_token` when it is not ours, or has expired.
pub fn read(config: &JwtConfig, token: &str, now: DateTime<Utc>) -> Result<UserId> {
    let foreign = || Error::params("link_token", "is not one of ours");
    let (claim, given) = token.rsplit_once('.').ok_or_else(foreign)?;
    if !crypto::same(&signature(config, claim), given) {
        return Err(foreign());
    }
    let (user, end) = claim.split_once('.').ok_or_else(foreign)?;
    let user = user.parse().map_err(|_| foreign())?;
    let end: i64 = end.parse().map_err(|_| foreign())?;
    match now.timestamp() <= end {
        true => Ok(user),
        false => Err(Error::params(
            "link_token",
            "has expired, ask the robot for a new one",
        )),
    }
}

/// The prefix keeps it apart from the other tokens of the same secret.
fn signature(config: &JwtConfig, claim: &str) -> String {
    let secret = config.secret.expose_secret().as_bytes();
    crypto::hmac_sha256_hex(secret, format!("link.{claim}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> JwtConfig {
        JwtConfig {
            secret: "a secret of more than thirty-two bytes".into(),
            issuer: "gpet".to_owned(),
            lifetime_seconds: 3600,
            leeway_seconds: 5,
        }
    }

    #[test]
    fn a_link_is_good_for_seven_days() {
        let (user, now) = (
            UserId::new(),
            "2026-11-22T02:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        );
        let token = sign(&config(), user, now);
        assert_eq!(read(&config(), &token, now + TimeDelta::days(7)).unwrap(), user);
        let late = read(
            &config(),
            &token,
            now + TimeDelta::days(7) + TimeDelta::seconds(1),
        )
        .unwrap_err();
        assert!(late.message.contains("expired"));
    }

    #[test]
    fn any_character_changed_makes_it_foreign() {
        let now = "2026-11-22T02:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let token = sign(&config(), UserId::new(), now);
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let error = read(&config(), std::str::from_utf8(&changed).unwrap(), now).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("link_token"), "{place}");
        }
        for token in ["", ".", "..", "a.b.c"] {
            assert!(read(&config(), token, now).is_err(), "{token}");
        }
    }
}
