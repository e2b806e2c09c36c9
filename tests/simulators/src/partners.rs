//! All partners together: their books, the script they follow and the log of what they received.

use std::sync::Arc;

use anyhow::Result;

use crate::gateway::Gateway;
use crate::launch::{Launch, LaunchBooks};
use crate::received::ReceivedLog;
use crate::script::Script;
use crate::settings::Settings;
use crate::sms::{Sms, SmsBooks};
use crate::wxpay::Wxpay;

/// Everything a call may touch.
pub struct Partners {
    /// As started.
    pub settings: Settings,
    /// The rules in force.
    pub script: Script,
    /// The calls that came.
    pub received: ReceivedLog,
    /// The robot gateway.
    pub gateway: Arc<Gateway>,
    /// WeChat Pay.
    pub wxpay: Wxpay,
    /// The SMS service.
    pub sms: Sms,
    /// The delivery system.
    pub launch: Launch,
    /// For calls to the product.
    pub http: reqwest::Client,
}

impl Partners {
    /// Opens all books empty.
    pub fn new(settings: Settings) -> Result<Self> {
        Ok(Self {
            wxpay: Wxpay::new(&settings)?,
            gateway: Arc::new(Gateway::start(
                settings.mq_url.clone(),
                settings.gateway_token.clone(),
            )),
            script: Script::default(),
            received: ReceivedLog::default(),
            sms: Sms::default(),
            launch: Launch::default(),
            http: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(5))
                .build()?,
            settings,
        })
    }

    /// Back to the state after the start.
    pub fn reset(&self) {
        self.script.clear();
        self.received.clear();
        self.gateway.reset();
        self.wxpay.reset();
        *self.sms.books() = SmsBooks::default();
        *self.launch.books() = LaunchBooks::default();
    }
}
