//! Routes about WeChat Pay's bills.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Json;
use poem::{Error, Result, handler};
use serde::Deserialize;

use crate::control::model::{BillChange, Payouts};
use crate::control::routes::Office;
use crate::partners::Partners;
use crate::wxpay::{Bill, BillState, notify};

#[handler]
pub(super) fn list_payouts(office: Office<'_>) -> Json<Payouts> {
    let books = office.wxpay.books();
    let mut received = BTreeMap::new();
    for bill in books.bills.all() {
        *received.entry(bill.order.openid.clone()).or_default() += bill.amount * u64::from(bill.paid);
    }
    Json(Payouts {
        bills: books.bills.all().cloned().collect(),
        authorizations: books.authorizations.values().cloned().collect(),
        received,
    })
}

#[derive(Deserialize)]
struct Confirm {
    out_bill_no: String,
}

/// The user taps.
#[handler]
pub(super) fn confirm_bill(
    office: Office<'_>,
    Json(Confirm { out_bill_no }): Json<Confirm>,
) -> Result<Json<Bill>> {
    let waits = |bill: &Bill| bill.state == BillState::WaitUserConfirm;
    let refusal = "only a bill in WAIT_USER_CONFIRM can be confirmed";
    change(&office, &out_bill_no, BillState::Success, None, waits, refusal)
}

#[handler]
pub(super) fn set_bill(office: Office<'_>, Json(wish): Json<BillChange>) -> Result<Json<Bill>> {
    let Some(state) = BillState::parse(&wish.state) else {
        return Err(Error::from_string(
            format!("state: unknown: {}", wish.state),
            StatusCode::BAD_REQUEST,
        ));
    };
    let open = |bill: &Bill| !bill.state.is_final();
    change(
        &office,
        &wish.out_bill_no,
        state,
        wish.fail_reason,
        open,
        "the bill has ended",
    )
}

fn change(
    office: &Arc<Partners>,
    number: &str,
    state: BillState,
    fail_reason: Option<String>,
    allowed: impl Fn(&Bill) -> bool,
    refusal: &str,
) -> Result<Json<Bill>> {
    let bill = {
        let mut books = office.wxpay.books();
        let missing = || Error::from_string("no such bill", StatusCode::NOT_FOUND);
        let bill = books.bills.get_mut(number).ok_or_else(missing)?;
        if !allowed(bill) {
            return Err(Error::from_string(refusal, StatusCode::CONFLICT));
        }
        bill.enter(state, fail_reason);
        bill.clone()
    };
    if bill.state.is_final() {
        notify(office, bill.clone());
    }
    Ok(Json(bill))
}
