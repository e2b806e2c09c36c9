//! The book of transfer bills: what merchants asked for and what became of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::wxpay::Order;

/// States a bill can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillState {
    /// Taken in.
    Accepted,
    /// Being worked on.
    Processing,
    /// The user has to tap, for up to 24 hours.
    WaitUserConfirm,
    /// The user has tapped, the money is on its way. (WeChat Pay spells it so.)
    Transfering,
    /// The money is in the user's wallet.
    Success,
    /// It never will be.
    Fail,
    /// A cancel was asked for.
    Canceling,
    /// And has happened.
    Cancelled,
}

impl BillState {
    /// Reads WeChat Pay's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_value(text.into()).ok()
    }

    /// Whether the bill can't change any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Fail | Self::Cancelled)
    }
}

/// A bill.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bill {
    /// What was asked for.
    pub order: Order,
    /// The platform's number.
    pub transfer_bill_no: String,
    /// Where it stands.
    pub state: BillState,
    /// Why it failed.
    pub fail_reason: Option<String>,
    /// Fen that move; the order's unless a script says otherwise.
    pub amount: u64,
    /// RFC 3339.
    pub create_time: String,
    /// RFC 3339, of the last change of state.
    pub update_time: String,
    /// How often it was submitted.
    pub submissions: u32,
    /// How often it was queried.
    pub queries: u32,
    /// Times money went to the user for it. More than one would be a double payment.
    pub paid: u32,
}

impl Bill {
    /// What the page hands to `requestMerchantTransfer`.
    pub fn package_info(&self) -> Option<String> {
        (self.state == BillState::WaitUserConfirm).then(|| format!("sim-package-{}", self.transfer_bill_no))
    }

    /// Moves on, counting the payment.
    pub fn enter(&mut self, state: BillState, fail_reason: Option<String>) {
        if state == BillState::Success && self.state != BillState::Success {
            self.paid += 1;
        }
        self.state = state;
        self.fail_reason = fail_reason;
        self.update_time = clock::rfc3339(clock::now());
    }
}

/// Why a bill was not taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict;

/// All bills, by the merchant's number.
#[derive(Default, Serialize, Deserialize)]
pub struct Bills {
    bills: BTreeMap<String, Bill>,
    numbers: HashMap<String, String>,
}

impl Bills {
    /// Takes an order: a new bill in `ACCEPTED`, or the bill that is there when the order is the same.
    /// The flag says whether it is new.
    pub fn submit(&mut self, order: Order) -> Result<(&mut Bill, bool), Conflict> {
        let number = order.out_bill_no.clone();
        let new = !self.bills.contains_key(&number);
        let fresh = self.bills.len() + 1;
        let bill = self.bills.entry(number.clone()).or_insert_with(|| {
            let now = clock::now();
            Bill {
                transfer_bill_no: format!("133{}{fresh:010}", now.format("%Y%m%d%H%M%S")),
                state: BillState::Accepted,
                fail_reason: None,
                amount: order.transfer_amount,
                create_time: clock::rfc3339(now),
                update_time: clock::rfc3339(now),
                submissions: 0,
                queries: 0,
                paid: 0,
                order: order.clone(),
            }
        });
        if !bill.order.same_as(&order) {
            return Err(Conflict);
        }
        bill.submissions += 1;
        self.numbers.insert(bill.transfer_bill_no.clone(), number);
        Ok((bill, new))
    }

    /// A bill by the merchant's number.
    pub fn get_mut(&mut self, out_bill_no: &str) -> Option<&mut Bill> {
        self.bills.get_mut(out_bill_no)
    }

    /// The merchant's number of a bill by the platform's.
    pub fn number_of(&self, transfer_bill_no: &str) -> Option<String> {
        self.numbers.get(transfer_bill_no).cloned()
    }

    /// All bills in the order of the merchant's numbers.
    pub fn all(&self) -> impl Iterator<Item = &Bill> {
        self.bills.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wxpay::order::tests::order;

    #[test]
    fn the_same_order_is_the_same_bill_and_another_one_is_refused() {
        let mut bills = Bills::default();
        let (bill, new) = bills.submit(order("A1", 2000)).unwrap();
        let number = bill.transfer_bill_no.clone();
        assert!(new);
        let renamed = Order {
            user_name: Some("cipher".into()),
            ..order("A1", 2000)
        };
        let (bill, new) = bills.submit(renamed).unwrap();
        assert_eq!(
            (bill.transfer_bill_no.as_str(), bill.submissions, new),
            (number.as_str(), 2, false)
        );
        assert_eq!(bills.submit(order("A1", 2001)).err(), Some(Conflict));
        assert_eq!(bills.get_mut("A1").unwrap().amount, 2000);
        assert_eq!(bills.number_of(&number).as_deref(), Some("A1"));
    }

    #[test]
    fn a_bill_pays_once() {
        let mut bills = Bills::default();
        let (bill, _) = bills.submit(order("A1", 2000)).unwrap();
        bill.enter(BillState::Success, None);
        bill.enter(BillState::Success, None);
        assert_eq!(bill.paid, 1);
    }
}
