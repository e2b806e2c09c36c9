//! Seals of WeChat Pay v3, both ways: the `Authorization` of what we send, the `Wechatpay-*` headers of what we get.

use super::keys::{MerchantKey, PlatformKey};
use chrono::TimeDelta;
use kernel::clock::Clock;
use kernel::config::WxpayConfig;
use kernel::error::Result;
use kernel::id::new_uuid;

/// How far apart two clocks may be.
const WINDOW: TimeDelta = TimeDelta::seconds(300);

/// Signs requests as the merchant.
pub(super) struct Signer {
    key: MerchantKey,
    mch_id: String,
    serial: String,
    clock: Clock,
}

impl Signer {
    pub(super) fn new(config: &WxpayConfig, clock: Clock) -> Result<Self> {
        Ok(Signer {
            key: MerchantKey::read("wxpay.key_path (WXPAY_CLIENT_KEY_PATH)", &config.key_path)?,
            mch_id: config.mch_id.clone(),
            serial: config.serial.clone(),
            clock,
        })
    }

    /// The `Authorization` header. `target` is path and query as they go over the wire.
    pub(super) fn authorization(&self, method: &str, target: &str, body: &str) -> Result<String> {
        let (timestamp, nonce) = (self.clock.now().timestamp(), new_uuid().simple().to_string());
        let message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n");
        let signature = self.key.sign(message.as_bytes())?;
        let (mch_id, serial) = (&self.mch_id, &self.serial);
        Ok(format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mch_id}\",nonce_str=\"{nonce}\",signature=\"{signature}\",\
             timestamp=\"{timestamp}\",serial_no=\"{serial}\""
        ))
    }
}

/// The `Wechatpay-*` headers of an answer or a notification.
#[derive(Debug, Clone, Copy)]
pub struct NotifyHeaders<'a> {
    /// `Wechatpay-Timestamp`
    pub timestamp: &'a str,
    /// `Wechatpay-Nonce`
    pub nonce: &'a str,
    /// `Wechatpay-Signature`
    pub signature: &'a str,
    /// `Wechatpay-Serial`
    pub serial: &'a str,
}

/// Verifies what the platform signed.
pub(super) struct Verifier {
    key: PlatformKey,
    serial: String,
    clock: Clock,
}

impl Verifier {
    pub(super) fn new(config: &WxpayConfig, clock: Clock) -> Result<Self> {
        let key = "wxpay.platform_key_path (GPET_WXPAY_PLATFORM_KEY_PATH)";
        Ok(Verifier {
            key: PlatformKey::read(key, &config.platform_key_path)?,
            serial: config.platform_serial.clone(),
            clock,
        })
    }

    /// Whether the platform sent this body just now; the error says what speaks against it.
    pub(super) fn verify(&self, headers: NotifyHeaders<'_>, body: &[u8]) -> Result<(), &'static str> {
        if headers.serial != self.serial {
            return Err("Wechatpay-Serial is not that of the platform's key");
        }
        let timestamp: i64 = headers
            .timestamp
            .parse()
            .map_err(|_| "Wechatpay-Timestamp is no number")?;
        if self.clock.now().timestamp().abs_diff(timestamp) > WINDOW.num_seconds().unsigned_abs() {
            return Err("Wechatpay-Timestamp is off by more than five minutes");
        }
        let mut message = format!("{timestamp}\n{}\n", headers.nonce).into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if self.key.verifies(&message, headers.signature) {
            Ok(())
        } else {
            Err("Wechatpay-Signature does not match")
        }
    }
}
