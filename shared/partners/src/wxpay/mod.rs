//! WeChat Pay: money to users' wallets.
//!
//! Connectors share one trait and differ in the interface they speak; `wxpay.connector` chooses. What they promise: a
//! definite failure comes from a query only, an answer whose signature does not verify counts as none, and an answer
//! about another bill, amount or person is never taken for this one.

mod answer;
mod bill;
mod connector;
mod keys;
mod notify;
mod signing;
#[cfg(test)]
mod test_keys;
mod transfer_bills;
mod v3;

pub use answer::{PayoutAnswer, PayoutOutcome};
pub use bill::{BillState, PartnerBill};
pub use connector::{PayoutConnector, PayoutOrder};
pub use notify::{Notification, Notifications, NotifyHeaders};
pub use transfer_bills::WxPay;

use kernel::clock::Clock;
use kernel::config::WxpayConfig;
use kernel::error::{Error, Result};
use std::sync::Arc;

/// The connector the configuration chooses.
///
/// # Errors
/// Names the key, and its variable, that is missing or wrong.
pub fn connect(config: &WxpayConfig, clock: &Clock) -> Result<Arc<dyn PayoutConnector>> {
    match config.connector.as_str() {
        transfer_bills::NAME => Ok(Arc::new(WxPay::new(config, clock.clone())?)),
        _ => Err(Error::params(
            "wxpay.connector",
            "configuration: wxpay.connector (GPET_WXPAY_CONNECTOR) must be transfer_bills",
        )),
    }
}
