//! WeChat Pay: transfers to users' wallets (v3 商家转账, with and without authorisation, and the legacy v2
//! interface), signed answers, and notifications.
//!
//! Left alone, a transfer is answered `ACCEPTED`, has succeeded at the first query, and is notified once.

mod authorizations;
mod bills;
mod calls;
pub mod legacy;
mod notify;
mod order;
pub mod signature;

use std::sync::{Mutex, MutexGuard};

use anyhow::{Result, ensure};
use poem::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

pub use authorizations::{Authorization, Authorizations};
pub use bills::{Bill, BillState, Bills};
pub use calls::routes;
pub use notify::notify;
pub use order::{Order, ReportInfo};

use crate::call::Reply;
use crate::clock;
use crate::keys::{SigningKey, VerifyingKey};
use crate::script::Action;
use crate::settings::{PLATFORM_SERIAL, Settings};
use signature::Gatekeeper;

/// What WeChat Pay keeps.
#[derive(Default)]
pub struct WxpayBooks {
    /// Transfer bills.
    pub bills: Bills,
    /// Users' authorisations to be paid without a tap.
    pub authorizations: Authorizations,
}

/// WeChat Pay's keys and books.
pub struct Wxpay {
    gatekeeper: Gatekeeper,
    signer: SigningKey,
    /// Key of somebody else, for answers that must not be believed.
    stranger: SigningKey,
    api_v3_key: String,
    books: Mutex<WxpayBooks>,
}

impl Wxpay {
    /// Opens the office for the merchant of the settings.
    pub fn new(settings: &Settings) -> Result<Self> {
        ensure!(
            settings.api_v3_key.len() == 32,
            "WX_PAY_KEY must have 32 bytes, as an APIv3 key has"
        );
        let merchant = VerifyingKey::from_pem(&settings.keys.merchant_public)?;
        Ok(Self {
            gatekeeper: Gatekeeper::new(
                settings.merchant_id.clone(),
                settings.merchant_serial.clone(),
                merchant,
            ),
            signer: SigningKey::from_pem(&settings.keys.platform_private)?,
            stranger: SigningKey::generate()?,
            api_v3_key: settings.api_v3_key.clone(),
            books: Mutex::default(),
        })
    }

    /// The books.
    pub fn books(&self) -> MutexGuard<'_, WxpayBooks> {
        self.books.lock().expect("no holder of this lock panics")
    }

    /// Signs a body that leaves, in the way the script wants; may change a byte of it afterwards.
    pub fn seal(&self, body: &mut [u8], action: Option<&Action>) -> HeaderMap {
        let timestamp = clock::now().timestamp();
        let nonce = signature::nonce();
        let key = if action == Some(&Action::BadSignature {}) {
            &self.stranger
        } else {
            &self.signer
        };
        let signature = key.sign(&signature::answer_message(timestamp, &nonce, body));
        if action == Some(&Action::FlipByte {})
            && let Some(byte) = body.iter_mut().rev().find(|byte| byte.is_ascii_alphanumeric())
        {
            *byte = if *byte == b'0' { b'1' } else { b'0' };
        }
        [
            ("wechatpay-timestamp", timestamp.to_string()),
            ("wechatpay-nonce", nonce),
            ("wechatpay-signature", signature),
            ("wechatpay-serial", PLATFORM_SERIAL.to_owned()),
        ]
        .into_iter()
        .filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
        })
        .collect()
    }

    /// Forgets everything but the nonces it has seen.
    pub fn reset(&self) {
        *self.books() = WxpayBooks::default();
    }
}

/// An error in the form of the endpoint's generation.
pub fn fault_at(endpoint: &str, status: u16, code: &str, message: &str) -> Reply {
    if endpoint.starts_with("v2_") {
        legacy::refusal(code, message)
    } else {
        fault(status, code, message)
    }
}

/// An error in WeChat Pay's v3 form.
pub fn fault(status: u16, code: &str, message: &str) -> Reply {
    Reply::status(status, json!({"code": code, "message": message, "detail": null}))
}
