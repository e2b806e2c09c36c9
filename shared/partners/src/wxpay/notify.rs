//! Notifications of WeChat Pay: verified, decrypted, and still only a hint to query.

use super::bill::{BillState, is_number};
pub use super::signing::NotifyHeaders;
use super::signing::Verifier;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::clock::Clock;
use kernel::code::Code;
use kernel::config::WxpayConfig;
use kernel::error::{Error, Result};
use kernel::external;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The one event we listen for.
const FINISHED: &str = "MCHTRANSFER.BILL.FINISHED";

/// A transfer has ended, they say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Notification {
    /// The merchant's number.
    #[serde(rename = "out_bill_no")]
    pub bill_no: String,
    /// How.
    pub state: BillState,
}

/// Reads notifications.
pub struct Notifications {
    verifier: Verifier,
    key: LessSafeKey,
}

#[derive(Deserialize)]
struct Envelope {
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
}

impl Notifications {
    /// A reader with the platform's key and the APIv3 key.
    ///
    /// # Errors
    /// Names the key, and its variable, that is missing or wrong.
    pub fn new(config: &WxpayConfig, clock: Clock) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, config.api_key.expose_secret().as_bytes()).map_err(|_| {
            Error::params(
                "wxpay.api_key",
                "configuration: wxpay.api_key (WX_PAY_KEY) must have 32 characters",
            )
        })?;
        Ok(Notifications {
            verifier: Verifier::new(config, clock)?,
            key: LessSafeKey::new(key),
        })
    }

    /// Verifies, then decrypts. Notifications arrive twice and out of order.
    ///
    /// # Errors
    /// 1401 for what is not the platform's, is old, or was altered; 1403 for an event of another kind, or of a number that
    /// is none of ours.
    pub fn open(&self, headers: NotifyHeaders<'_>, body: &[u8]) -> Result<Notification> {
        self.verifier
            .verify(headers, body)
            .map_err(|why| Error::new(Code::Unauthenticated, why))?;
        let envelope: Envelope = read("body", body)?;
        if envelope.event_type != FINISHED {
            return Err(Error::params("event_type", format!("must be {FINISHED}")));
        }
        let plain = self.decrypt(&envelope.resource).ok_or_else(|| {
            Error::new(
                Code::Unauthenticated,
                "the resource cannot be opened with our key",
            )
        })?;
        let notification: Notification = read("resource", &plain)?;
        match is_number(&notification.bill_no) {
            true => Ok(notification),
            false => Err(Error::params("out_bill_no", "is no number of a bill of ours")),
        }
    }

    fn decrypt(&self, resource: &Resource) -> Option<Vec<u8>> {
        if resource.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        let mut text = STANDARD.decode(&resource.ciphertext).ok()?;
        let nonce = Nonce::try_assume_unique_for_key(resource.nonce.as_bytes()).ok()?;
        let associated = resource.associated_data.as_deref().unwrap_or_default();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(associated), &mut text)
            .ok()?;
        Some(plain.to_vec())
    }
}

/// What is wrong may quote all that came; so much of it is told.
fn read<T: DeserializeOwned>(field: &'static str, json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|error| Error::params(field, external::reason(&error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{API_KEY, PLATFORM_SERIAL, TestKeys};
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use secrecy::SecretString;
    use serde_json::json;

    fn now() -> DateTime<Utc> {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn reader(test_keys: &TestKeys, api_key: &str, at: DateTime<Utc>) -> Notifications {
        let mut config = test_keys.config("http://127.0.0.1:9");
        config.api_key = SecretString::from(api_key);
        Notifications::new(&config, Clock::fixed(at)).unwrap()
    }

    struct Letter {
        timestamp: String,
        signature: String,
        body: Vec<u8>,
    }

    impl Letter {
        fn write(test_keys: &TestKeys, event: &str) -> Self {
            let plain =
                json!({"out_bill_no": "W1", "state": "SUCCESS", "transfer_amount": 2000, "openid": "o-1"});
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_KEY.as_bytes()).unwrap());
            let mut text = plain.to_string().into_bytes();
            let nonce = Nonce::assume_unique_for_key(*b"0123456789ab");
            key.seal_in_place_append_tag(nonce, Aad::from("mch_payment"), &mut text)
                .unwrap();
            let body = json!({"id": "1", "event_type": event, "resource": {
                "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(text),
                "nonce": "0123456789ab", "associated_data": "mch_payment"}});
            let timestamp = now().timestamp().to_string();
            let message = format!("{timestamp}\nn\n{body}\n");
            Letter {
                signature: test_keys.platform.signer().sign(message.as_bytes()).unwrap(),
                timestamp,
                body: body.to_string().into_bytes(),
            }
        }

        fn headers(&self) -> NotifyHeaders<'_> {
            NotifyHeaders {
                timestamp: &self.timestamp,
                nonce: "n",
                signature: &self.signature,
                serial: PLATFORM_SERIAL,
            }
        }
    }

    #[test]
    fn an_untouched_notification_opens() {
        let test_keys = TestKeys::new();
        let letter = Letter::write(&test_keys, FINISHED);
        let notification = reader(&test_keys, API_KEY, now())
            .open(letter.headers(), &letter.body)
            .unwrap();
        assert_eq!(
            notification,
            Notification {
                bill_no: "W1".into(),
                state: BillState::Success
            }
        );
    }

    #[test]
    fn any_flipped_byte_is_refused() {
        let test_keys = TestKeys::new();
        let letter = Letter::write(&test_keys, FINISHED);
        let reader = reader(&test_keys, API_KEY, now());
        for place in 0..letter.body.len() {
            let mut body = letter.body.clone();
            body[place] ^= 1;
            let error = reader.open(letter.headers(), &body).unwrap_err();
            assert_eq!(error.code, Code::Unauthenticated, "byte {place}");
        }
    }

    #[test]
    fn wrong_keys_serials_and_times_are_refused() {
        let (test_keys, other) = (TestKeys::new(), TestKeys::new());
        let letter = Letter::write(&test_keys, FINISHED);
        let refused = |reader: Notifications, headers: NotifyHeaders<'_>| {
            assert_eq!(
                reader.open(headers, &letter.body).unwrap_err().code,
                Code::Unauthenticated
            );
        };
        refused(reader(&other, API_KEY, now()), letter.headers());
        refused(reader(&test_keys, &"x".repeat(32), now()), letter.headers());
        let serial = NotifyHeaders {
            serial: "PUB_KEY_ID_2",
            ..letter.headers()
        };
        refused(reader(&test_keys, API_KEY, now()), serial);
        for seconds in [-301, 301] {
            refused(
                reader(&test_keys, API_KEY, now() + TimeDelta::seconds(seconds)),
                letter.headers(),
            );
        }
        let at_the_limit = reader(&test_keys, API_KEY, now() + TimeDelta::seconds(300));
        assert!(at_the_limit.open(letter.headers(), &letter.body).is_ok());
    }

    #[test]
    fn other_events_are_not_ours() {
        let test_keys = TestKeys::new();
        let letter = Letter::write(&test_keys, "TRANSACTION.SUCCESS");
        let error = reader(&test_keys, API_KEY, now())
            .open(letter.headers(), &letter.body)
            .unwrap_err();
        assert_eq!(error.field.as_deref(), Some("event_type"));
    }
}
