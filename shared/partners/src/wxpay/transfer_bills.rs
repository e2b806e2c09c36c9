//! The default connector: v3 商家转账, where the user taps to receive.

use super::answer::{PayoutAnswer, PayoutOutcome};
use super::bill::{Bill, PartnerBill, is_number};
use super::connector::{PayoutConnector, PayoutOrder};
use super::v3::{BASE, CallError, V3};
use async_trait::async_trait;
use kernel::clock::{BusinessDate, Clock};
use kernel::config::WxpayConfig;
use kernel::error::{Error, Result};
use kernel::external::is_code;
use kernel::money::Money;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) const NAME: &str = "transfer_bills";

/// The v3 transfer-bills connector.
pub struct WxPay {
    v3: V3,
    clock: Clock,
    app_id: String,
    scene_id: String,
    remark: String,
    position: String,
    pay_reason: String,
    notify_url: String,
}

#[derive(Deserialize)]
struct Listed {
    bills: Vec<Bill>,
}

impl WxPay {
    /// A connector with the keys in the configured files.
    ///
    /// # Errors
    /// Names the key, and its variable, that is missing or wrong.
    pub fn new(config: &WxpayConfig, clock: Clock) -> Result<Self> {
        Ok(WxPay {
            v3: V3::new(config, &clock)?,
            clock,
            app_id: config.app_id.clone(),
            scene_id: config.scene_id.clone(),
            remark: config.remark.clone(),
            position: config.position.clone(),
            pay_reason: config.pay_reason.clone(),
            notify_url: config.notify_url.clone(),
        })
    }

    fn body(&self, order: &PayoutOrder) -> Result<String> {
        let mut body = json!({
            "appid": self.app_id,
            "out_bill_no": order.bill_no,
            "transfer_scene_id": self.scene_id,
            "openid": order.open_id,
            "transfer_amount": order.amount.fen()?,
            "transfer_remark": self.remark,
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": self.position},
                {"info_type": "报酬说明", "info_content": self.pay_reason},
            ],
        });
        if !self.notify_url.is_empty() {
            body["notify_url"] = Value::from(self.notify_url.as_str());
        }
        Ok(body.to_string())
    }
}

/// Anything else than what WeChat Pay allows stops here.
fn refuse_number(bill_no: &str) -> Option<PayoutAnswer> {
    (!is_number(bill_no)).then(|| PayoutAnswer::alarming("a bill number has 1 to 32 letters and digits"))
}

fn bill_path(bill_no: &str) -> String {
    format!("{BASE}/transfer-bills/out-bill-no/{bill_no}")
}

/// An answer about another bill than the one asked for is no answer.
fn about(bill_no: &str, answer: Result<Bill, CallError>) -> Result<Bill, PayoutAnswer> {
    match answer {
        Ok(bill) if bill.out_bill_no == bill_no => Ok(bill),
        Ok(_) => Err(PayoutAnswer::alarming("the partner answered about another bill")),
        Err(error) => Err(error.into()),
    }
}

#[async_trait]
impl PayoutConnector for WxPay {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn submit(&self, order: &PayoutOrder) -> PayoutAnswer {
        if let Some(refused) = refuse_number(&order.bill_no) {
            return refused;
        }
        let body = match self.body(order) {
            Ok(body) => body,
            Err(error) => return PayoutAnswer::alarming(error.chain()),
        };
        let answer = self
            .v3
            .call(Method::POST, &format!("{BASE}/transfer-bills"), None, body)
            .await;
        about(&order.bill_no, answer).map_or_else(|answer| answer, Bill::submitted)
    }

    async fn query(&self, bill_no: &str) -> PayoutAnswer {
        if let Some(refused) = refuse_number(bill_no) {
            return refused;
        }
        let answer = self
            .v3
            .call(Method::GET, &bill_path(bill_no), None, String::new())
            .await;
        if let Err(CallError::Refused(404, ..)) = answer {
            return PayoutAnswer::new(PayoutOutcome::NotFound);
        }
        about(bill_no, answer).map_or_else(|answer| answer, |bill| bill.queried(&self.clock))
    }

    async fn cancel(&self, bill_no: &str) -> PayoutAnswer {
        if let Some(refused) = refuse_number(bill_no) {
            return refused;
        }
        let path = format!("{}/cancel", bill_path(bill_no));
        let answer = self.v3.call(Method::POST, &path, None, String::new()).await;
        about(bill_no, answer).map_or_else(|answer| answer, Bill::submitted)
    }

    /// `GET …/transfer-bills/download?bill_date=` answering `{"bills":[…]}` is the form our simulator offers; WeChat Pay
    /// publishes none for single transfers.
    async fn bills_of(&self, date: BusinessDate) -> Result<Vec<PartnerBill>> {
        let path = format!("{BASE}/transfer-bills/download");
        let query = format!("bill_date={date}");
        let listed: Listed = self
            .v3
            .call(Method::GET, &path, Some(&query), String::new())
            .await
            .map_err(CallError::into_error)?;
        listed.bills.into_iter().map(partner_bill).collect()
    }
}

fn partner_bill(bill: Bill) -> Result<PartnerBill> {
    let foreign = || {
        Error::partner(
            "WeChat Pay",
            "a bill in its list has no number or receiver that can be one",
        )
    };
    if !is_number(&bill.out_bill_no) || bill.openid.as_deref().is_some_and(|open_id| !is_code(open_id)) {
        return Err(foreign());
    }
    let fen = bill
        .transfer_amount
        .ok_or_else(|| Error::partner("WeChat Pay", format!("bill {} has no amount", bill.out_bill_no)))?;
    Ok(PartnerBill {
        bill_no: bill.out_bill_no,
        amount: Money::from_fen(fen),
        open_id: bill.openid,
        state: bill.state,
    })
}

#[cfg(test)]
#[path = "transfer_bills_tests.rs"]
mod tests;
