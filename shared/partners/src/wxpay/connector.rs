//! What every way to pay can do.

use super::answer::PayoutAnswer;
use super::bill::PartnerBill;
use async_trait::async_trait;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::money::Money;

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
