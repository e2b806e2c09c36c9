//! Both sides' keys and a configuration that names them, for tests.

use super::keys::tests::KeyFiles;
use kernel::config::WxpayConfig;
use secrecy::SecretString;

/// The APIv3 key.
pub(super) const API_KEY: &str = "01234567890123456789012345678901";
/// The serial of the platform's key.
pub(super) const PLATFORM_SERIAL: &str = "PUB_KEY_ID_1";

/// Both sides' keys.
pub(super) struct TestKeys {
    pub(super) merchant: KeyFiles,
    pub(super) platform: KeyFiles,
}

impl TestKeys {
    pub(super) fn new() -> Self {
        TestKeys {
            merchant: KeyFiles::generate(),
            platform: KeyFiles::generate(),
        }
    }

    pub(super) fn config(&self, host: &str) -> WxpayConfig {
        WxpayConfig {
            host: host.to_owned(),
            connector: "transfer_bills".into(),
            mch_id: "19".into(),
            app_id: "wx1".into(),
            serial: "5A".into(),
            api_key: SecretString::from(API_KEY),
            key_path: self.merchant.private.display().to_string(),
            ca_path: String::new(),
            platform_key_path: self.platform.public.display().to_string(),
            platform_serial: PLATFORM_SERIAL.into(),
            notify_url: "https://x.example/wxpay/notify".into(),
            scene_id: "1005".into(),
            remark: "推广奖励".into(),
            position: "推广员".into(),
            pay_reason: "群推广奖励".into(),
            timeout_seconds: 1,
        }
    }
}
