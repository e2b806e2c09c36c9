//! The v3 calls of transfer bills.

use std::sync::Arc;

use poem::{Route, get, post};
use serde_json::{Value, json};

use crate::call::{Call, Reply, watched};
use crate::clock;
use crate::partners::Partners;
use crate::script::{Action, Partner};
use crate::wxpay::{Bill, BillState, Order, authorizations, fault, legacy, notify};

/// Everything below `/wxpay`.
pub fn routes(partners: &Arc<Partners>) -> Route {
    const BILLS: &str = "/v3/fund-app/mch-transfer/transfer-bills";
    let p = partners;
    let wx = Partner::Wxpay;
    let route = Route::new()
        .at(BILLS, post(watched(p, wx, "transfer_bills", submit)))
        .at(
            format!("{BILLS}/transfer"),
            post(watched(p, wx, "transfer", authorizations::transfer)),
        )
        .at(
            format!("{BILLS}/pre-transfer-with-authorization"),
            post(watched(p, wx, "pre_transfer", authorizations::pre_transfer)),
        )
        .at(
            format!("{BILLS}/download"),
            get(watched(p, wx, "download_bills", download)),
        )
        .at(
            format!("{BILLS}/out-bill-no/:number"),
            get(watched(p, wx, "query_bill", query)),
        )
        .at(
            format!("{BILLS}/out-bill-no/:number/cancel"),
            post(watched(p, wx, "cancel_bill", cancel)),
        )
        .at(
            format!("{BILLS}/transfer-bill-no/:number"),
            get(watched(p, wx, "query_bill", query_platform)),
        );
    legacy::routes(authorizations::routes(route, p), p)
}

/// Refuses a call that is not signed by the merchant; nothing may happen before this.
pub fn admit(call: &Call) -> Result<(), Reply> {
    let (method, header) = (call.method.as_str(), call.header("authorization"));
    let now = clock::now().timestamp();
    (call
        .partners
        .wxpay
        .gatekeeper
        .admit(header, method, &call.target, &call.body, now))
    .map_err(|reason| fault(401, "SIGN_ERROR", reason))
}

async fn submit(call: Call) -> Reply {
    let order = admit(&call).and_then(|()| {
        call.json::<Order>()
            .map_err(|reason| fault(400, "PARAM_ERROR", &reason))
    });
    match order {
        Ok(order) if order.openid.is_empty() => fault(400, "PARAM_ERROR", "openid is missing"),
        Ok(order) => take(&call, order),
        Err(refused) => refused,
    }
}

/// Books an order whose signature was checked, and answers it.
pub fn take(call: &Call, order: Order) -> Reply {
    let wxpay = &call.partners.wxpay;
    if let Some(reason) = order.fault(&call.partners.settings.app_id) {
        return fault(400, "PARAM_ERROR", &reason);
    }
    if order.user_name.is_some() && call.header("wechatpay-serial").is_empty() {
        return fault(
            400,
            "PARAM_ERROR",
            "user_name needs the Wechatpay-Serial of its key",
        );
    }
    let mut books = wxpay.books();
    let Ok((bill, new)) = books.bills.submit(order) else {
        return fault(400, "ALREADY_EXISTS", "out_bill_no exists with other parameters");
    };
    if !new {
        return Reply::json(answer(bill));
    }
    match &call.action {
        Some(Action::State { state, fail_reason }) => match BillState::parse(state) {
            Some(state) => bill.enter(state, fail_reason.clone()),
            None => return fault(500, "SYSTEM_ERROR", "the script names an unknown state"),
        },
        Some(Action::WrongAmount { fen }) => bill.amount = *fen,
        _ => {}
    }
    let reply = Reply::json(answer(bill));
    // Nobody has to tap here: what was merely accepted is paid once the answer is out.
    if bill.state == BillState::Accepted && !matches!(call.action, Some(Action::State { .. })) {
        bill.enter(BillState::Success, None);
    }
    let ended = bill.state.is_final().then(|| bill.clone());
    drop(books);
    if let Some(bill) = ended {
        notify(&call.partners, bill);
    }
    reply
}

fn answer(bill: &Bill) -> Value {
    let mut answer = json!({
        "out_bill_no": bill.order.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "create_time": bill.create_time,
        "state": bill.state,
    });
    if let Some(reason) = &bill.fail_reason {
        answer["fail_reason"] = reason.as_str().into();
    }
    if let Some(package) = bill.package_info() {
        answer["package_info"] = package.into();
    }
    answer
}

/// A bill as queries and notifications show it.
pub fn shown(bill: &Bill, merchant_id: &str) -> Value {
    let mut shown = answer(bill);
    shown["mch_id"] = merchant_id.into();
    shown["appid"] = bill.order.appid.as_str().into();
    shown["transfer_amount"] = bill.amount.into();
    shown["transfer_remark"] = bill.order.transfer_remark.as_str().into();
    shown["openid"] = bill.order.openid.as_str().into();
    shown["update_time"] = bill.update_time.as_str().into();
    shown
}

async fn query(call: Call) -> Reply {
    let number = call.param().to_owned();
    look_up(&call, &number)
}

async fn query_platform(call: Call) -> Reply {
    let number = call
        .partners
        .wxpay
        .books()
        .bills
        .number_of(call.param())
        .unwrap_or_default();
    look_up(&call, &number)
}

fn look_up(call: &Call, number: &str) -> Reply {
    if let Err(refused) = admit(call) {
        return refused;
    }
    let mut books = call.partners.wxpay.books();
    let Some(bill) = books.bills.get_mut(number) else {
        return fault(404, "NOT_FOUND", "no such bill");
    };
    bill.queries += 1;
    if let Some(Action::State { state, fail_reason }) = &call.action
        && let Some(state) = BillState::parse(state)
    {
        bill.enter(state, fail_reason.clone());
    }
    let mut shown = shown(bill, &call.partners.settings.merchant_id);
    if let Some(Action::WrongAmount { fen }) = call.action {
        shown["transfer_amount"] = fen.into();
    }
    // A cancel takes effect between two looks.
    if bill.state == BillState::Canceling {
        bill.enter(BillState::Cancelled, None);
    }
    Reply::json(shown)
}

async fn cancel(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    let mut books = call.partners.wxpay.books();
    let Some(bill) = books.bills.get_mut(call.param()) else {
        return fault(404, "NOT_FOUND", "no such bill");
    };
    match bill.state {
        BillState::Canceling | BillState::Cancelled => {}
        BillState::Accepted | BillState::Processing | BillState::WaitUserConfirm => {
            bill.enter(BillState::Canceling, None);
        }
        BillState::Transfering | BillState::Success | BillState::Fail => {
            return fault(400, "INVALID_REQUEST", "the bill can't be cancelled any more");
        }
    }
    Reply::json(json!({
        "out_bill_no": bill.order.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "state": bill.state,
        "update_time": bill.update_time,
    }))
}

/// All bills created on `bill_date`. Not WeChat Pay's own form, which is not public: ours, for reconciliation.
async fn download(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    let date = call.query_value("bill_date");
    if date.len() != 10 {
        return fault(400, "PARAM_ERROR", "bill_date must be YYYY-MM-DD");
    }
    let books = call.partners.wxpay.books();
    let merchant = &call.partners.settings.merchant_id;
    let bills = books
        .bills
        .all()
        .filter(|bill| bill.create_time.starts_with(&date));
    Reply::json(
        json!({"bill_date": date, "bills": bills.map(|bill| shown(bill, merchant)).collect::<Vec<_>>()}),
    )
}
