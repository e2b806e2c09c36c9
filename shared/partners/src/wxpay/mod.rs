//! WeChat Pay: money to users' wallets.
//!
//! Connectors share one trait and differ in the interface they speak; `wxpay.connector` chooses. What they promise: a
//! definite failure comes from a query only, an answer whose signature does not verify counts as none, and an answer
//! about another bill, amount or person is never taken for this one.

mod answer;
mod bill;
#[cfg(test)]
mod desk;
mod keys;
mod notify;
mod seal;
mod transfer_bills;
mod v3;

pub use answer::{PayoutAnswer, PayoutOutcome};
pub use bill::{BillState, PartnerBill};
pub use notify::{Notification, Notifications, NotifyHeaders};
pub use transfer_bills::WxPay;

use async_trait::async_trait;
use kernel::clock::{BusinessDate, Clock};
use kernel::config::WxpayConfig;
use kernel::error::{Error, Result};
use kernel::money::Money;
use std::sync::Arc;

/// What to pay. The same number always goes with the same parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutOrder {
    /// The merchant's number: 1 to 32 letters and digits, fixed before the first call.
    pub bill_no: String,
    /// The receiver's id at our app.
    pub open_id: String,
    /// How much.
    pub amount: Money,
}

/// A way to pay. No call is ever repeated by a connector itself.
#[async_trait]
pub trait PayoutConnector: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &'static str;

    /// Asks for a transfer. Never answers a failure: what the partner refuses is queried before anything follows.
    async fn submit(&self, order: &PayoutOrder) -> PayoutAnswer;

    /// What became of a transfer.
    async fn query(&self, bill_no: &str) -> PayoutAnswer;

    /// Asks to take a transfer back that the user has not confirmed. Whether it was is for a query to tell.
    async fn cancel(&self, bill_no: &str) -> PayoutAnswer;

    /// All transfers of a date, for reconciliation.
    ///
    /// # Errors
    /// 1101 when the list cannot be had whole.
    async fn bills_of(&self, date: BusinessDate) -> Result<Vec<PartnerBill>>;
}

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
