//! The book of transfer bills: what merchants asked for and what became of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::clock;

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

/// A line of `transfer_scene_report_infos`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportInfo {
    /// Such as 岗位类型.
    pub info_type: String,
    /// Its content.
    pub info_content: String,
}

/// What a merchant asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The app the openid belongs to.
    pub appid: String,
    /// The merchant's number of the bill.
    pub out_bill_no: String,
    /// Such as 1005.
    pub transfer_scene_id: String,
    /// Who gets the money. Payouts by authorisation leave it out.
    #[serde(default)]
    pub openid: String,
    /// Encrypted name of the receiver.
    #[serde(default)]
    pub user_name: Option<String>,
    /// Fen.
    pub transfer_amount: u64,
    /// Shown to the receiver.
    pub transfer_remark: String,
    /// Where to tell of the end.
    #[serde(default)]
    pub notify_url: Option<String>,
    /// How the receiver sees it.
    #[serde(default)]
    pub user_recv_perception: Option<String>,
    /// What the scene demands.
    #[serde(default)]
    pub transfer_scene_report_infos: Vec<ReportInfo>,
}

impl Order {
    /// The first field that WeChat Pay would refuse.
    pub fn fault(&self, app_id: &str) -> Option<String> {
        let number = &self.out_bill_no;
        let has = |kind: &str| {
            let infos = &self.transfer_scene_report_infos;
            infos
                .iter()
                .any(|info| info.info_type == kind && !info.info_content.is_empty())
        };
        let say = |text: &str| Some(text.to_owned());
        if self.appid != app_id {
            say("appid does not belong to the merchant")
        } else if !(1..=32).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
            say("out_bill_no must be 1 to 32 letters and digits")
        } else if self.transfer_amount < 10 {
            say("transfer_amount must be at least 10 fen")
        } else if self.transfer_amount >= 200_000 && self.user_name.is_none() {
            say("user_name is required from 2000 yuan")
        } else if !(1..=32).contains(&self.transfer_remark.chars().count()) {
            say("transfer_remark must have 1 to 32 characters")
        } else if self.transfer_scene_id == "1005" && !(has("岗位类型") && has("报酬说明")) {
            say("scene 1005 needs 岗位类型 and 报酬说明 in transfer_scene_report_infos")
        } else {
            None
        }
    }

    /// Equal in all that must not differ under one number. An encrypted name differs each time by nature.
    fn same_as(&self, other: &Self) -> bool {
        let plain = |order: &Self| Self {
            user_name: None,
            ..order.clone()
        };
        plain(self) == plain(other)
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
pub(super) mod tests {
    use super::*;

    pub(crate) fn order(number: &str, amount: u64) -> Order {
        let info = |kind: &str| ReportInfo {
            info_type: kind.into(),
            info_content: "x".into(),
        };
        Order {
            appid: crate::settings::APP_ID.into(),
            out_bill_no: number.into(),
            transfer_scene_id: "1005".into(),
            openid: "o-1".into(),
            user_name: None,
            transfer_amount: amount,
            transfer_remark: "income".into(),
            notify_url: None,
            user_recv_perception: None,
            transfer_scene_report_infos: vec![info("岗位类型"), info("报酬说明")],
        }
    }

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

    #[test]
    fn each_rule_names_its_field() {
        let fault = |change: fn(&mut Order)| {
            let mut order = order("A1", 2000);
            change(&mut order);
            order.fault(crate::settings::APP_ID).unwrap_or_default()
        };
        assert_eq!(fault(|_| {}), "");
        assert!(fault(|o| o.appid = "other".into()).starts_with("appid"));
        assert!(fault(|o| o.out_bill_no = "a-b".into()).starts_with("out_bill_no"));
        assert!(fault(|o| o.transfer_amount = 9).starts_with("transfer_amount"));
        assert!(fault(|o| o.transfer_amount = 200_000).starts_with("user_name"));
        assert!(fault(|o| o.transfer_remark.clear()).starts_with("transfer_remark"));
        assert!(fault(|o| o.transfer_scene_report_infos.truncate(1)).starts_with("scene 1005"));
    }
}
