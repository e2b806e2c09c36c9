//! Signatures of WeChat Pay v3, both ways.
//!
//! A merchant signs `METHOD\nPATH?QUERY\nTIMESTAMP\nNONCE\nBODY\n` and sends it in `Authorization`; the platform
//! signs `TIMESTAMP\nNONCE\nBODY\n` and sends it in `Wechatpay-*` headers. The path is that of the address the
//! merchant called, so here it includes the simulator's own prefix.

use std::collections::HashMap;
use std::sync::Mutex;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

use crate::keys::{SigningKey, VerifyingKey};

/// The scheme in front of the `Authorization` fields.
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";
/// Seconds that two clocks may differ.
const WINDOW: i64 = 300;

/// A random text fit for a nonce.
pub fn nonce() -> String {
    Uuid::new_v4().simple().to_string()
}

/// What a merchant signs.
pub fn request_message(method: &str, target: &str, timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// What the platform signs.
pub fn answer_message(timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// The `Authorization` header of a merchant's call.
pub fn authorization(
    key: &SigningKey,
    merchant: (&str, &str),
    method: &str,
    target: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let (mchid, serial) = merchant;
    let nonce = nonce();
    let signature = key.sign(&request_message(method, target, timestamp, &nonce, body));
    format!(
        "{SCHEME}mchid=\"{mchid}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{serial}\""
    )
}

/// Checks merchants' signatures and remembers their nonces.
pub struct Gatekeeper {
    merchant_id: String,
    serial: String,
    key: VerifyingKey,
    seen: Mutex<HashMap<String, i64>>,
}

impl Gatekeeper {
    /// Admits one merchant with one certificate.
    pub fn new(merchant_id: String, serial: String, key: VerifyingKey) -> Self {
        Self {
            merchant_id,
            serial,
            key,
            seen: Mutex::default(),
        }
    }

    /// Whether the call is the merchant's and was not seen before; the error says what is wrong.
    pub fn admit(
        &self,
        header: &str,
        method: &str,
        target: &str,
        body: &[u8],
        now: i64,
    ) -> Result<(), &'static str> {
        let fields = fields(header).ok_or("Authorization is missing or of another scheme")?;
        let field = |name| {
            fields
                .get(name)
                .copied()
                .ok_or("a field of Authorization is missing")
        };
        if field("mchid")? != self.merchant_id {
            return Err("unknown mchid");
        }
        if field("serial_no")? != self.serial {
            return Err("unknown serial_no");
        }
        let timestamp: i64 = field("timestamp")?
            .parse()
            .map_err(|_| "timestamp is not a number")?;
        if now.abs_diff(timestamp) > WINDOW.unsigned_abs() {
            return Err("timestamp is off by more than five minutes");
        }
        let nonce = field("nonce_str")?;
        let message = request_message(method, target, timestamp, nonce, body);
        if !self.key.verify(&message, field("signature")?) {
            return Err("the signature does not match");
        }
        let mut seen = self.seen.lock().expect("no holder of this lock panics");
        seen.retain(|_, at| now.abs_diff(*at) <= 2 * WINDOW.unsigned_abs());
        match seen.insert(nonce.to_owned(), timestamp) {
            None => Ok(()),
            Some(_) => Err("nonce_str was used before"),
        }
    }
}

/// `a="1",b="2"` behind the scheme.
fn fields(header: &str) -> Option<HashMap<&str, &str>> {
    let pairs = header.strip_prefix(SCHEME)?.split(',');
    pairs
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
        })
        .collect()
}

/// AEAD_AES_256_GCM with the APIv3 key; answers base64 of ciphertext and tag.
pub fn encrypt(key: &str, nonce: &[u8; 12], associated: &str, plain: &[u8]) -> Option<String> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok()?);
    let mut text = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(associated), &mut text)
        .ok()?;
    Some(STANDARD.encode(text))
}

/// The other direction, for tests and for whoever receives a notification.
pub fn decrypt(key: &str, nonce: &str, associated: &str, sealed: &str) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok()?);
    let mut text = STANDARD.decode(sealed).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    key.open_in_place(nonce, Aad::from(associated), &mut text)
        .ok()
        .map(|plain| plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    const TARGET: &str = "/wxpay/v3/x?a=1";

    fn gatekeeper() -> (SigningKey, Gatekeeper) {
        let keys = Keys::generate().unwrap();
        let verifier = VerifyingKey::from_pem(&keys.merchant_public).unwrap();
        let signer = SigningKey::from_pem(&keys.merchant_private).unwrap();
        (signer, Gatekeeper::new("19".into(), "5A".into(), verifier))
    }

    #[test]
    fn an_untouched_call_is_admitted_once() {
        let (signer, gatekeeper) = gatekeeper();
        let header = authorization(&signer, ("19", "5A"), "POST", TARGET, 1000, b"{\"a\":1}");
        assert_eq!(
            gatekeeper.admit(&header, "POST", TARGET, b"{\"a\":1}", 1010),
            Ok(())
        );
        assert_eq!(
            gatekeeper.admit(&header, "POST", TARGET, b"{\"a\":1}", 1011),
            Err("nonce_str was used before")
        );
    }

    #[test]
    fn whatever_changes_is_refused() {
        let (signer, gatekeeper) = gatekeeper();
        let header = authorization(&signer, ("19", "5A"), "POST", TARGET, 1000, b"{\"a\":1}");
        let mismatch = Err("the signature does not match");
        assert_eq!(
            gatekeeper.admit(&header, "POST", TARGET, b"{\"a\":2}", 1000),
            mismatch
        );
        assert_eq!(
            gatekeeper.admit(&header, "GET", TARGET, b"{\"a\":1}", 1000),
            mismatch
        );
        assert_eq!(
            gatekeeper.admit(&header, "POST", "/wxpay/v3/x?a=2", b"{\"a\":1}", 1000),
            mismatch
        );
        assert!(
            gatekeeper
                .admit(&header, "POST", TARGET, b"{\"a\":1}", 1301)
                .unwrap_err()
                .contains("five minutes")
        );
        assert!(gatekeeper.admit("Bearer x", "POST", TARGET, b"", 1000).is_err());
        let stranger = authorization(&signer, ("20", "5A"), "POST", TARGET, 1000, b"");
        assert_eq!(
            gatekeeper.admit(&stranger, "POST", TARGET, b"", 1000),
            Err("unknown mchid")
        );
    }

    #[test]
    fn sealed_text_opens_only_untouched() {
        let key = "k".repeat(32);
        let sealed = encrypt(&key, b"0123456789ab", "mch_payment", b"{}").unwrap();
        assert_eq!(
            decrypt(&key, "0123456789ab", "mch_payment", &sealed).unwrap(),
            b"{}"
        );
        assert_eq!(decrypt(&key, "0123456789ab", "another", &sealed), None);
        assert_eq!(encrypt("short", b"0123456789ab", "", b""), None);
    }
}
