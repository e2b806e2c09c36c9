//! The legacy v2 transfer (企业付款): XML, signed with MD5 over the sorted fields. It books into the same bills.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest, Md5};
use poem::{Route, post};

use crate::call::{Call, Reply, watched};
use crate::clock;
use crate::partners::Partners;
use crate::script::{Action, Partner};
use crate::wxpay::{Bill, BillState, Order};

type Fields = BTreeMap<String, String>;

/// The v2 calls.
pub(super) fn routes(route: Route, p: &Arc<Partners>) -> Route {
    const BASE: &str = "/mmpaymkttransfers";
    let wx = Partner::Wxpay;
    route
        .at(
            format!("{BASE}/promotion/transfers"),
            post(watched(p, wx, "v2_transfer", transfer)),
        )
        .at(
            format!("{BASE}/gettransferinfo"),
            post(watched(p, wx, "v2_query", query)),
        )
}

/// The signature of fields: empty ones and `sign` itself don't count.
pub fn sign(fields: &Fields, key: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
    {
        text.push_str(&format!("{name}={value}&"));
    }
    hex::encode_upper(Md5::digest(format!("{text}key={key}")))
}

/// A refusal whose `err_code` is `code`.
pub fn refusal(code: &str, reason: &str) -> Reply {
    xml(&[
        ("return_code", "SUCCESS"),
        ("return_msg", reason),
        ("result_code", "FAIL"),
        ("err_code", code),
        ("err_code_des", reason),
    ])
}

fn xml(fields: &[(&str, &str)]) -> Reply {
    let lines: String = fields
        .iter()
        .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>\n"))
        .collect();
    Reply::xml(format!("<xml>\n{lines}</xml>"))
}

/// The fields of a call that the merchant has signed.
fn signed(call: &Call) -> Result<Fields, Reply> {
    let text = std::str::from_utf8(&call.body).map_err(|_| refusal("PARAM_IS_NOT_UTF8", "not UTF-8"))?;
    let fields: Fields = quick_xml::de::from_str(text).map_err(|_| refusal("XML_ERROR", "not flat XML"))?;
    let given = fields.get("sign").map(String::as_str).unwrap_or_default();
    if given != sign(&fields, &call.partners.wxpay.api_v3_key) {
        return Err(refusal("SIGN_ERROR", "the signature does not match"));
    }
    Ok(fields)
}

async fn transfer(call: Call) -> Reply {
    let fields = match signed(&call) {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let order = match order(&call, &fields) {
        Ok(order) => order,
        Err(reason) => return refusal("PARAM_ERROR", &reason),
    };
    let mut books = call.partners.wxpay.books();
    let Ok((bill, new)) = books.bills.submit(order) else {
        return refusal("FATAL_ERROR", "partner_trade_no exists with other parameters");
    };
    if new {
        match &call.action {
            Some(Action::State { state, fail_reason }) => {
                bill.enter(
                    BillState::parse(state).unwrap_or(BillState::Fail),
                    fail_reason.clone(),
                );
            }
            _ => bill.enter(BillState::Success, None),
        }
    }
    if bill.state != BillState::Success {
        return refusal(bill.fail_reason.as_deref().unwrap_or("SYSTEMERROR"), "not paid");
    }
    xml(&[
        ("return_code", "SUCCESS"),
        ("return_msg", ""),
        ("mch_appid", &bill.order.appid),
        ("mchid", &call.partners.settings.merchant_id),
        ("nonce_str", &fields["nonce_str"]),
        ("result_code", "SUCCESS"),
        ("partner_trade_no", &bill.order.out_bill_no),
        ("payment_no", &bill.transfer_bill_no),
        ("payment_time", &plain(&bill.update_time)),
    ])
}

/// The bill a transfer asks for; the error names the field.
fn order(call: &Call, fields: &Fields) -> Result<Order, String> {
    let field = |name: &str| {
        fields
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
            .ok_or(format!("{name} is missing"))
    };
    for name in ["nonce_str", "spbill_create_ip"] {
        field(name)?;
    }
    if field("mchid")? != call.partners.settings.merchant_id {
        return Err("mchid is unknown".into());
    }
    if field("mch_appid")? != call.partners.settings.app_id {
        return Err("mch_appid is unknown".into());
    }
    match field("check_name")?.as_str() {
        "NO_CHECK" => {}
        "FORCE_CHECK" => drop(field("re_user_name")?),
        _ => return Err("check_name must be NO_CHECK or FORCE_CHECK".into()),
    }
    let number = field("partner_trade_no")?;
    if number.len() > 32 || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("partner_trade_no must be 1 to 32 letters and digits".into());
    }
    let amount: u64 = field("amount")?
        .parse()
        .map_err(|_| "amount is not a number of fen")?;
    if amount < 30 {
        return Err("amount must be at least 30 fen".into());
    }
    Ok(Order {
        appid: field("mch_appid")?,
        out_bill_no: number,
        transfer_scene_id: String::new(),
        openid: field("openid")?,
        user_name: None,
        transfer_amount: amount,
        transfer_remark: field("desc")?,
        notify_url: None,
        user_recv_perception: None,
        transfer_scene_report_infos: Vec::new(),
    })
}

async fn query(call: Call) -> Reply {
    let fields = match signed(&call) {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let mut books = call.partners.wxpay.books();
    let number = fields
        .get("partner_trade_no")
        .map(String::as_str)
        .unwrap_or_default();
    let Some(bill) = books.bills.get_mut(number) else {
        return refusal("NOT_FOUND", "no such transfer");
    };
    bill.queries += 1;
    let amount = match &call.action {
        Some(Action::WrongAmount { fen }) => fen.to_string(),
        _ => bill.amount.to_string(),
    };
    if let Some(Action::State { state, fail_reason }) = &call.action
        && let Some(state) = BillState::parse(state)
    {
        bill.enter(state, fail_reason.clone());
    }
    xml(&[
        ("return_code", "SUCCESS"),
        ("return_msg", ""),
        ("result_code", "SUCCESS"),
        ("appid", &bill.order.appid),
        ("mch_id", &call.partners.settings.merchant_id),
        ("partner_trade_no", &bill.order.out_bill_no),
        ("detail_id", &bill.transfer_bill_no),
        ("openid", &bill.order.openid),
        ("payment_amount", &amount),
        ("status", status(bill)),
        ("reason", bill.fail_reason.as_deref().unwrap_or_default()),
        ("transfer_time", &plain(&bill.create_time)),
        ("payment_time", &plain(&bill.update_time)),
        ("desc", &bill.order.transfer_remark),
    ])
}

fn status(bill: &Bill) -> &'static str {
    match bill.state {
        BillState::Success => "SUCCESS",
        BillState::Fail | BillState::Cancelled => "FAILED",
        _ => "PROCESSING",
    }
}

/// v2 writes times without a zone.
fn plain(rfc3339: &str) -> String {
    let at = chrono::DateTime::parse_from_rfc3339(rfc3339).unwrap_or_else(|_| clock::now());
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WeChat Pay's documentation prints this example of the v2 signature.
    #[test]
    fn the_documented_example_comes_out() {
        let fields = [
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
            ("empty", ""),
            ("sign", "ignored"),
        ];
        let fields = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(
            sign(&fields, "192006250b4c09247ec02edce69f6a2d"),
            "9A0A8659F005D6984697E2CA0A9CF3B7"
        );
    }
}
