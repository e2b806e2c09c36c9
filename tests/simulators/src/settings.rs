//! What a simulator has to know before it starts.

use std::path::PathBuf;

use crate::keys::Keys;

/// Merchant number used when nothing else is configured.
pub const MERCHANT_ID: &str = "1900000109";
/// Serial number of the merchant's certificate used when nothing else is configured.
pub const MERCHANT_SERIAL: &str = "5A1D0000000000000000000000000000000000E7";
/// Serial the platform's public key is announced under.
pub const PLATFORM_SERIAL: &str = "PUB_KEY_ID_SIM";
/// WeChat app id used when nothing else is configured.
pub const APP_ID: &str = "wxsim0000000000001";
/// WeChat app secret used when nothing else is configured.
pub const APP_SECRET: &str = "sim-app-secret";
/// APIv3 key (32 bytes) used when nothing else is configured.
pub const API_V3_KEY: &str = "sim-api-v3-key-of-32-bytes-12345";
/// Aliyun access key id used when nothing else is configured.
pub const SMS_KEY_ID: &str = "sim-sms-key";
/// Aliyun access key secret used when nothing else is configured.
pub const SMS_KEY_SECRET: &str = "sim-sms-secret";

/// Where the simulator listens and whom it trusts.
#[derive(Clone)]
pub struct Settings {
    /// `host:port`; port 0 takes a free one.
    pub listen: String,
    /// Broker the gateway publishes its events to. Without one, events only appear in the books.
    pub mq_url: Option<String>,
    /// RSA keys of merchant and platform.
    pub keys: Keys,
    /// APIv3 key, 32 bytes; also the key of the legacy v2 signature.
    pub api_v3_key: String,
    /// The one merchant WeChat Pay knows.
    pub merchant_id: String,
    /// Serial number of that merchant's certificate.
    pub merchant_serial: String,
    /// The one app WeChat knows.
    pub app_id: String,
    /// That app's secret.
    pub app_secret: String,
    /// Access key id of the SMS service.
    pub sms_key_id: String,
    /// Access key secret of the SMS service.
    pub sms_key_secret: String,
    /// Bearer token the gateway demands, if any.
    pub gateway_token: Option<String>,
    /// Base address of the product, for callbacks.
    pub product_url: Option<String>,
    /// Secret that partner callbacks to the product are signed with.
    pub partner_secret: Option<String>,
    /// File that keeps groups and bills over a restart; without one they end with the process.
    pub books: Option<PathBuf>,
}

impl Settings {
    /// A free loopback port, no broker, and the invented credentials above.
    pub fn with_keys(keys: Keys) -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            mq_url: None,
            keys,
            api_v3_key: API_V3_KEY.into(),
            merchant_id: MERCHANT_ID.into(),
            merchant_serial: MERCHANT_SERIAL.into(),
            app_id: APP_ID.into(),
            app_secret: APP_SECRET.into(),
            sms_key_id: SMS_KEY_ID.into(),
            sms_key_secret: SMS_KEY_SECRET.into(),
            gateway_token: None,
            product_url: None,
            partner_secret: None,
            books: None,
        }
    }
}
