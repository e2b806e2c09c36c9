//! `MCHTRANSFER.BILL.FINISHED`: WeChat Pay tells the merchant that a bill has ended.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock;
use crate::partners::Partners;
use crate::script::{Action, Partner};
use crate::wxpay::calls::shown;
use crate::wxpay::{Bill, signature};

/// Path at the product that is told when an order named no address.
pub const DEFAULT_PATH: &str = "/wxpay/notify";
/// Pauses before the attempts; a merchant that answers neither 200 nor 204 is told again.
const PAUSES: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// Tells the merchant of a bill's end in the background. The script's endpoint for it is `notify`.
pub fn notify(partners: &Arc<Partners>, bill: Bill) {
    let default = || {
        partners
            .settings
            .product_url
            .as_ref()
            .map(|base| format!("{base}{DEFAULT_PATH}"))
    };
    let Some(url) = bill.order.notify_url.clone().or_else(default) else {
        return;
    };
    let action = partners
        .script
        .take(Partner::Wxpay, "notify", &[&bill.order.out_bill_no]);
    let partners = partners.clone();
    tokio::spawn(async move {
        let times = match &action {
            Some(Action::Silent {}) => return,
            Some(Action::Late { ms } | Action::Delay { ms }) => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                1
            }
            Some(Action::Twice {}) => 2,
            _ => 1,
        };
        let body = message(&partners, &bill, action.as_ref());
        for _ in 0..times {
            deliver(&partners, &url, &body, action.as_ref()).await;
        }
    });
}

/// The notification before it is signed.
fn message(partners: &Partners, bill: &Bill, action: Option<&Action>) -> Vec<u8> {
    let mut plain = shown(bill, &partners.settings.merchant_id);
    if let Some(Action::WrongAmount { fen }) = action {
        plain["transfer_amount"] = (*fen).into();
    }
    if let Some(Action::State { state, fail_reason }) = action {
        plain["state"] = state.as_str().into();
        plain["fail_reason"] = fail_reason.clone().map_or(Value::Null, Value::from);
    }
    envelope(
        &partners.wxpay.api_v3_key,
        "MCHTRANSFER.BILL.FINISHED",
        "mch_payment",
        &plain,
    )
}

/// Seals a resource into the form all v3 notifications have.
fn envelope(key: &str, event_type: &str, original_type: &str, plain: &Value) -> Vec<u8> {
    let nonce = &signature::nonce()[..12];
    let bytes: [u8; 12] = nonce.as_bytes().try_into().expect("twelve characters were taken");
    let sealed = signature::encrypt(key, &bytes, original_type, plain.to_string().as_bytes())
        .expect("the key's length was checked at the start");
    let body = json!({
        "id": Uuid::new_v4(),
        "create_time": clock::rfc3339(clock::now()),
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": "商家转账单据终态通知",
        "resource": {
            "original_type": original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": original_type,
            "nonce": nonce,
        },
    });
    body.to_string().into_bytes()
}

/// Sends it until the merchant takes it or the time is up; a forged one is sent once.
async fn deliver(partners: &Partners, url: &str, body: &[u8], action: Option<&Action>) {
    let forged = matches!(action, Some(Action::BadSignature {} | Action::FlipByte {}));
    let attempts = if forged { 1 } else { PAUSES.len() };
    for pause in &PAUSES[..attempts] {
        tokio::time::sleep(*pause).await;
        let mut sealed = body.to_vec();
        let headers = partners.wxpay.seal(&mut sealed, action);
        let request = partners
            .http
            .post(url)
            .headers(headers)
            .header("content-type", "application/json");
        match request.body(sealed).send().await {
            Ok(answer) if matches!(answer.status().as_u16(), 200 | 204) => return,
            Ok(answer) => tracing::warn!("notification to {url} was answered {}", answer.status()),
            Err(error) => tracing::warn!("notification to {url} failed: {error}"),
        }
    }
}
