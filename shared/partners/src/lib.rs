//! Clients of systems we do not own, one file each. What a partner sends is read with suspicion; what goes wrong is told
//! without secrets, tokens or query strings.

pub mod launch;
pub mod public_http;
pub mod sms;
pub mod wechat;
pub mod wxpay;

use kernel::clock::Clock;
use kernel::config::Config;
use kernel::error::{Error, Result};
use std::sync::Arc;

/// All clients of a process, built once.
pub struct Partners {
    /// The delivery system.
    pub launch: launch::Launch,
    /// The SMS provider.
    pub sms: sms::Sms,
    /// WeChat's OAuth.
    pub wechat: wechat::WechatOauth,
    wxpay: Option<Arc<dyn wxpay::PayoutConnector>>,
    notifications: Option<wxpay::Notifications>,
}

impl Partners {
    /// Builds every client as the configuration says, in real time.
    ///
    /// # Errors
    /// As [`Partners::new`].
    pub fn connect(config: &Config) -> Result<Self> {
        Partners::new(config, &Clock::system())
    }

    /// Builds every client. WeChat Pay may be left unconfigured in a process that does not pay; half a configuration is an
    /// error. `clock` is what partners see in seals and timestamps: they live in real
    /// time and refuse any other, so a rehearsal passes [`Clock::system`].
    ///
    /// # Errors
    /// Names the key and its environment variable.
    pub fn new(config: &Config, clock: &Clock) -> Result<Self> {
        let pay = &config.wxpay;
        let connector = (!pay.key_path.is_empty())
            .then(|| wxpay::connect(pay, clock))
            .transpose()?;
        let notifications = (!pay.platform_key_path.is_empty())
            .then(|| wxpay::Notifications::new(pay, clock.clone()))
            .transpose()?;
        Ok(Partners {
            launch: launch::Launch::new(&config.launch)?,
            sms: sms::Sms::new(&config.sms, clock.clone())?,
            wechat: wechat::WechatOauth::new(&config.wechat)?,
            wxpay: connector,
            notifications,
        })
    }

    /// The payout connector.
    ///
    /// # Errors
    /// 1500 naming the variable when this process was not given WeChat Pay's keys.
    pub fn wxpay(&self) -> Result<&dyn wxpay::PayoutConnector> {
        self.wxpay.as_deref().ok_or_else(|| {
            Error::internal("wxpay.key_path (WXPAY_CLIENT_KEY_PATH) is not set: this process cannot pay")
        })
    }

    /// Reads WeChat Pay's notifications.
    ///
    /// # Errors
    /// 1500 naming the variable when this process was not given the platform's key.
    pub fn notifications(&self) -> Result<&wxpay::Notifications> {
        self.notifications.as_ref().ok_or_else(|| {
            Error::internal(
                "wxpay.platform_key_path (GPET_WXPAY_PLATFORM_KEY_PATH) is not set: this process cannot read notifications",
            )
        })
    }
}

#[cfg(test)]
mod log_tests;
