//! Bodies of partners: bytes whose signature is checked before anything reads them.

use super::error::Failure;
use crate::app_state::AppState;
use kernel::Error;
use kernel::code::Code;
use kernel::crypto;
use poem::{FromRequest, Request, RequestBody, Result};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;

/// Seconds a partner's clock may be off.
const WINDOW: u64 = 300;
/// For how long a nonce is remembered; twice the window, so that no replay fits between.
const MEMORY: Duration = Duration::from_secs(600);

/// The raw body of a signed request; `partner/README.md` says what is signed.
pub struct SignedBody(pub Vec<u8>);

/// The raw body of a request signed so, or by the MD5 in the body where the configuration still lets that pass.
pub struct SignedOrLegacyBody(pub Vec<u8>);

impl<'a> FromRequest<'a> for SignedBody {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let bytes = Vec::<u8>::from_request(request, body).await?;
        signed(request, &bytes).await.map_err(Failure)?;
        Ok(SignedBody(bytes))
    }
}

impl<'a> FromRequest<'a> for SignedOrLegacyBody {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let bytes = Vec::<u8>::from_request(request, body).await?;
        let app = AppState::of(request).map_err(Failure)?;
        let legacy = request.header("x-gpet-sign").is_none() && app.config.api.legacy_signatures;
        match legacy {
            true => legacy_signed(app.config.partner.md5_key.expose_secret(), &bytes).map_err(Failure)?,
            false => signed(request, &bytes).await.map_err(Failure)?,
        }
        Ok(SignedOrLegacyBody(bytes))
    }
}

async fn signed(request: &Request, body: &[u8]) -> kernel::Result<()> {
    let app = AppState::of(request)?;
    let header = |name: &'static str| {
        let value = request
            .header(name)
            .filter(|value| (1..=128).contains(&value.len()));
        value.ok_or_else(|| refused(format!("{name} is missing or malformed")))
    };
    // The original URI: nested routes see a shortened one.
    let uri = request.original_uri();
    let said = Said {
        timestamp: header("X-Gpet-Timestamp")?,
        nonce: header("X-Gpet-Nonce")?,
        method: request.method().as_str(),
        target: uri.path_and_query().map_or(uri.path(), |target| target.as_str()),
        body,
    };
    let secret = app.config.partner.secret.expose_secret();
    said.check(secret, header("X-Gpet-Sign")?, app.clock.now().timestamp())?;
    // Last, so that only a partner can fill the memory.
    let key = format!("GPET:PARTNER:NONCE_{}", said.nonce);
    match app.cache.claim(&key, MEMORY).await? {
        true => Ok(()),
        false => Err(refused("X-Gpet-Nonce was used before")),
    }
}

/// What a signature covers.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// Unix seconds.
    pub timestamp: &'a str,
    /// Used once.
    pub nonce: &'a str,
    /// Like `POST`.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// As it came.
    pub body: &'a [u8],
}

impl Said<'_> {
    /// The signature over it.
    pub fn sign(&self, secret: &str) -> String {
        let Said {
            timestamp,
            nonce,
            method,
            target,
            body,
        } = self;
        let head = format!("{timestamp}\n{nonce}\n{method}\n{target}\n");
        crypto::hmac_sha256_hex_of(secret.as_bytes(), &[head.as_bytes(), body])
    }

    /// Refuses another signature, and a time that is not about `now`, in unix seconds.
    ///
    /// # Errors
    /// 1401 saying which header is at fault.
    pub fn check(&self, secret: &str, sign: &str, now: i64) -> kernel::Result<()> {
        let sent = self.timestamp.parse::<i64>();
        let sent = sent.map_err(|_| refused("X-Gpet-Timestamp must be unix seconds"))?;
        if sent.abs_diff(now) > WINDOW {
            return Err(refused("X-Gpet-Timestamp is off by more than 300 seconds"));
        }
        match crypto::same(&self.sign(secret), &sign.to_ascii_lowercase()) {
            true => Ok(()),
            false => Err(refused("X-Gpet-Sign does not fit")),
        }
    }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::Unauthenticated, message)
}

/// What the legacy signature needs of a body. It covers neither date nor data and never expires.
#[derive(Deserialize)]
struct Legacy {
    #[serde(default)]
    timestamp: Option<serde_json::Value>,
    #[serde(default)]
    sign: Option<String>,
}

/// Checks `sign` = MD5 of timestamp, `#` and the key.
///
/// # Errors
/// 1403 naming the field.
pub fn legacy_signed(key: &str, body: &[u8]) -> kernel::Result<()> {
    let malformed = |_| Error::new(Code::ParamsError, "the body must be JSON with timestamp and sign");
    let Legacy { timestamp, sign } = serde_json::from_slice(body).map_err(malformed)?;
    let timestamp = match timestamp {
        Some(serde_json::Value::String(text)) => text,
        Some(serde_json::Value::Number(number)) if number.is_i64() => number.to_string(),
        _ => return Err(Error::params("timestamp", "must be unix seconds")),
    };
    let sign = sign.ok_or_else(|| Error::params("sign", "is missing"))?;
    match crypto::same(&crypto::md5_hex(&format!("{timestamp}#{key}")), &sign) {
        true => Ok(()),
        false => Err(Error::params("sign", "does not fit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_changed_and_the_signature_does_not_fit() {
        let said = Said {
            timestamp: "1700000000",
            nonce: "n",
            method: "POST",
            target: "/bi/users?current_page=1",
            body: b"{}",
        };
        let sign = said.sign("secret");
        let check = |said: Said<'_>, now| {
            said.check("secret", &sign, now)
                .map_err(|error| error.http_status())
        };
        assert_eq!(check(said, 1_700_000_300), Ok(()));
        assert_eq!(check(said, 1_699_999_700), Ok(()));
        assert_eq!(check(said, 1_700_000_301), Err(401));
        assert_eq!(check(said, 1_699_999_699), Err(401));
        for changed in [
            Said {
                timestamp: "1700000001",
                ..said
            },
            Said { nonce: "m", ..said },
            Said {
                method: "PUT",
                ..said
            },
            Said {
                target: "/bi/users?current_page=2",
                ..said
            },
            Said { body: b"{]", ..said },
        ] {
            assert_eq!(check(changed, 1_700_000_000), Err(401));
        }
        assert!(said.check("another", &sign, 1_700_000_000).is_err());
        assert!(
            said.check("secret", &sign.to_ascii_uppercase(), 1_700_000_000)
                .is_ok()
        );
    }

    #[test]
    fn the_legacy_signature_is_over_timestamp_and_key() {
        let sign = crypto::md5_hex("1551450000#key");
        let check = |timestamp: serde_json::Value, sign: Option<&str>| {
            let body = serde_json::json!({ "timestamp": timestamp, "sign": sign, "data": { "G-100": 0.48 } });
            legacy_signed("key", body.to_string().as_bytes()).map_err(|error| error.field.unwrap_or_default())
        };
        assert_eq!(check("1551450000".into(), Some(&sign)), Ok(()));
        assert_eq!(check(1_551_450_000.into(), Some(&sign)), Ok(()));
        assert_eq!(check("1551450001".into(), Some(&sign)), Err("sign".into()));
        assert_eq!(check("1551450000".into(), None), Err("sign".into()));
        assert_eq!(
            check(serde_json::Value::Null, Some(&sign)),
            Err("timestamp".into())
        );
        assert_eq!(check(1.5.into(), Some(&sign)), Err("timestamp".into()));
    }
}
