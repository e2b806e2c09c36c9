//! Tokens that callers bring: only what we signed is one, and then it says what we said, however it is written.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use domain::identity::link_token;
use domain::identity::{Tokens, UserClaims, WechatIds};
use kernel::clock::Clock;
use kernel::config::{IdentityConfig, JwtConfig};
use kernel::crypto;
use kernel::data_keys::DataKeys;
use kernel::id::{OperatorId, UserId};
use uuid::Uuid;

use crate::rules::{choice, hides, now, refused, whole};

const SECRET: &str = "a secret of forty characters, or so it is";
const ISSUER: &str = "gpet";
const HEADER: &str = r#"{"typ":"at+jwt","alg":"HS256","kid":"1"}"#;
const USER: UserId = UserId(Uuid::from_u128(7));

static CLOCK: LazyLock<Clock> = LazyLock::new(|| Clock::fixed(now()));
static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    Tokens::new(&JwtConfig {
        secret: SECRET.into(),
        issuer: ISSUER.to_owned(),
        lifetime_seconds: 3600,
        leeway_seconds: 60,
    })
});
static KEYS: LazyLock<DataKeys> = LazyLock::new(|| DataKeys::of(&identity()).unwrap());

/// `0` a token, `1` claims that we sign, `2` a header and in the next line claims that we sign, `3` changes to a token of
/// ours; then what it is.
pub fn of_caller(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    match choice(*first, 4) {
        0 => {
            let text = String::from_utf8_lossy(rest);
            assert!(!taken(&text), "{text}");
            if let Err(error) = link_token::read(&KEYS, &text) {
                refused(&error);
            }
        }
        1 => {
            taken(&signed(HEADER.as_bytes(), rest));
        }
        2 => {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let (header, claims) = rest.split_at(end);
            taken(&signed(header, claims.strip_prefix(b"\n").unwrap_or(claims)));
        }
        _ => changed(rest),
    }
}

/// Whether somebody is let in with it.
fn taken(token: &str) -> bool {
    let (user, operator) = (TOKENS.user(token, &CLOCK), TOKENS.operator(token, &CLOCK));
    assert!(user.is_err() || operator.is_err(), "both a user and an operator");
    for error in [user.as_ref().err(), operator.as_ref().err()]
        .into_iter()
        .flatten()
    {
        hides(error, SECRET);
        assert!(matches!(error.http_status(), 401 | 403), "{error:?}");
    }
    let claims = token
        .split('.')
        .nth(1)
        .and_then(|claims| BASE64URL.decode(claims).ok());
    let claims = claims.and_then(|claims| whole(&claims));
    let taken = user.is_ok() || operator.is_ok();
    if let (true, Some(claims)) = (taken, &claims) {
        let (now, at) = (now().timestamp(), |name: &str| claims[name].as_i64().unwrap());
        assert!(
            at("iat") <= now + 60 && now <= at("exp").saturating_add(60),
            "{claims}"
        );
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], if user.is_ok() { "h5" } else { "console" });
    }
    if let (Ok(user), Some(claims)) = (user, claims) {
        let said = claims["sub"].as_str().and_then(|text| text.parse().ok());
        assert_eq!(said, Some(user.user));
    }
    taken
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
    let signature = crypto::hmac_sha256(SECRET.as_bytes(), message.as_bytes());
    format!("{message}.{}", BASE64URL.encode(signature))
}

/// Each pair of bytes is a place and what stands there then; no token of ours may live through a change.
fn changed(changes: &[u8]) {
    let wechat = WechatIds {
        union_id: "u".to_owned(),
        open_id: "o".to_owned(),
    };
    let claims = UserClaims {
        user: USER,
        wechat: Some(wechat),
    };
    let token = TOKENS.for_user(claims.clone(), &CLOCK).unwrap().token;
    assert_eq!(TOKENS.user(&token, &CLOCK).unwrap(), claims);
    let role = domain::identity::Role::Viewer;
    let operators = TOKENS
        .for_operator(OperatorId(USER.0), role, &CLOCK)
        .unwrap()
        .token;
    assert!(TOKENS.user(&operators, &CLOCK).is_err() && TOKENS.operator(&operators, &CLOCK).is_ok());
    let other = with(&token, changes);
    assert!(other == token || TOKENS.user(&other, &CLOCK).is_err(), "{other}");

    let link = link_token::sign(&KEYS, USER, now(), 60).unwrap();
    let read = link_token::read(&KEYS, link.expose()).unwrap();
    assert_eq!((read.user, read.check_age(now()).is_ok()), (USER, true));
    let other = with(link.expose(), changes);
    assert!(
        other == link.expose() || link_token::read(&KEYS, &other).is_err(),
        "{other}"
    );
}

fn with(token: &str, changes: &[u8]) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for change in changes.chunks_exact(2) {
        let place = usize::from(change[0]) * bytes.len() / 256;
        bytes[place] = change[1];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn identity() -> IdentityConfig {
    IdentityConfig {
        data_key: "5e".repeat(32).into(),
        code_lifetime_seconds: 300,
        code_interval_seconds: 60,
        code_per_day: 10,
        code_tries: 5,
        logins_per_minute: 10,
        link_lifetime_seconds: 60,
    }
}
