//! WeChat Pay: signatures, idempotency, states, scripts, notifications.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::gateway::Event;
use simulators::keys::VerifyingKey;
use simulators::settings::{API_V3_KEY, APP_ID, MERCHANT_ID};
use simulators::wxpay::signature::{answer_message, decrypt};
use simulators::wxpay::{BillState, legacy};
use simulators::{Action, Keys, Partner, Settings};

use crate::fixture::{Answer, Notification, Simulators, product, simulators, simulators_with};

const BILLS: &str = "/wxpay/v3/fund-app/mch-transfer/transfer-bills";

fn order(number: &str, fen: u64) -> Value {
    json!({
        "appid": APP_ID, "out_bill_no": number, "transfer_scene_id": "1005", "openid": "o-1",
        "transfer_amount": fen, "transfer_remark": "income",
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": "promoter"},
            {"info_type": "报酬说明", "info_content": "commission"},
        ],
    })
}

async fn submit(simulators: &Simulators, order: &Value) -> Answer {
    let body = order.to_string();
    simulators.pay("POST", BILLS, &body, &body).await.unwrap()
}

async fn query(simulators: &Simulators, number: &str) -> Answer {
    simulators
        .pay("GET", &format!("{BILLS}/out-bill-no/{number}"), "", "")
        .await
        .unwrap()
}

fn authentic(simulators: &Simulators, headers: &reqwest::header::HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers[name].to_str().unwrap();
    let timestamp = header("wechatpay-timestamp").parse().unwrap();
    let message = answer_message(timestamp, header("wechatpay-nonce"), body);
    let key = VerifyingKey::from_pem(&simulators.keys.platform_public).unwrap();
    header("wechatpay-serial") == "PUB_KEY_ID_SIM" && key.verify(&message, header("wechatpay-signature"))
}

#[tokio::test]
async fn a_transfer_is_accepted_then_paid_once() {
    let simulators = simulators().await;
    let first = submit(&simulators, &order("A1", 2000)).await;
    assert_eq!(
        (first.status, first.json()["state"].clone()),
        (200, json!("ACCEPTED"))
    );
    assert!(authentic(&simulators, &first.headers, first.text.as_bytes()));

    let again = submit(&simulators, &order("A1", 2000)).await;
    assert_eq!(again.json()["transfer_bill_no"], first.json()["transfer_bill_no"]);
    let other = submit(&simulators, &order("A1", 5000)).await;
    assert_eq!(
        (other.status, other.json()["code"].clone()),
        (400, json!("ALREADY_EXISTS"))
    );

    let found = query(&simulators, "A1").await.json();
    assert_eq!(
        (&found["state"], &found["transfer_amount"]),
        (&json!("SUCCESS"), &json!(2000))
    );
    let platform = first.json()["transfer_bill_no"].as_str().unwrap().to_owned();
    let by_platform = simulators
        .pay("GET", &format!("{BILLS}/transfer-bill-no/{platform}"), "", "")
        .await
        .unwrap();
    assert_eq!(by_platform.json()["out_bill_no"], "A1");
    let missing = query(&simulators, "A2").await;
    assert_eq!(
        (missing.status, missing.json()["code"].clone()),
        (404, json!("NOT_FOUND"))
    );

    let payouts = simulators.control.payouts().await.unwrap();
    assert_eq!(
        (
            payouts.bills.len(),
            payouts.bills[0].paid,
            payouts.received["o-1"]
        ),
        (1, 1, 2000)
    );
    let today = &payouts.bills[0].create_time[..10];
    let list = simulators
        .pay("GET", &format!("{BILLS}/download?bill_date={today}"), "", "")
        .await
        .unwrap()
        .json();
    assert_eq!(list["bills"][0]["out_bill_no"], "A1");
}

#[tokio::test]
async fn one_flipped_byte_pays_nothing() {
    let simulators = simulators().await;
    let signed = order("A1", 2000).to_string();
    let sent = signed.replace("2000", "9000");
    let answer = simulators.pay("POST", BILLS, &signed, &sent).await.unwrap();
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (401, json!("SIGN_ERROR"))
    );
    let unsigned = simulators.post(BILLS, &signed).await.unwrap();
    assert_eq!(unsigned.status, 401);
    assert!(simulators.control.payouts().await.unwrap().bills.is_empty());
}

#[tokio::test]
async fn an_answer_lost_after_the_work_is_found_by_query() {
    let simulators = simulators().await;
    simulators
        .control
        .next(Partner::Wxpay, "transfer_bills", Action::DropAfter { hang_ms: 0 })
        .await
        .unwrap();
    let body = order("A1", 2000).to_string();
    assert!(simulators.pay("POST", BILLS, &body, &body).await.is_err());
    assert_eq!(query(&simulators, "A1").await.json()["state"], "SUCCESS");

    simulators
        .control
        .next(
            Partner::Wxpay,
            "transfer_bills",
            Action::DropBefore { hang_ms: 0 },
        )
        .await
        .unwrap();
    let body = order("A2", 2000).to_string();
    assert!(simulators.pay("POST", BILLS, &body, &body).await.is_err());
    assert_eq!(query(&simulators, "A2").await.status, 404);

    let (code, status) = ("SYSTEM_ERROR".to_owned(), 500);
    simulators
        .control
        .next(
            Partner::Wxpay,
            "*",
            Action::Error {
                code,
                status,
                after: true,
            },
        )
        .await
        .unwrap();
    let answer = submit(&simulators, &order("A3", 2000)).await;
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (500, json!("SYSTEM_ERROR"))
    );
    assert_eq!(query(&simulators, "A3").await.json()["state"], "SUCCESS");
    assert!(simulators.control.rules().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_bill_that_waits_for_the_user_is_paid_on_the_tap() {
    let simulators = simulators().await;
    let wait = Action::State {
        state: "WAIT_USER_CONFIRM".into(),
        fail_reason: None,
    };
    simulators
        .control
        .next(Partner::Wxpay, "transfer_bills", wait)
        .await
        .unwrap();
    let answer = submit(&simulators, &order("A1", 2000)).await.json();
    assert_eq!(answer["state"], "WAIT_USER_CONFIRM");
    assert!(answer["package_info"].is_string());
    assert_eq!(
        query(&simulators, "A1").await.json()["state"],
        "WAIT_USER_CONFIRM"
    );
    assert_eq!(
        simulators.control.confirm("A1").await.unwrap().state,
        BillState::Success
    );
    assert!(simulators.control.confirm("A1").await.is_err());
    let cancel = simulators
        .pay("POST", &format!("{BILLS}/out-bill-no/A1/cancel"), "", "")
        .await
        .unwrap();
    assert_eq!(cancel.json()["code"], "INVALID_REQUEST");
    assert_eq!(simulators.control.payouts().await.unwrap().bills[0].paid, 1);
}

#[tokio::test]
async fn a_cancelled_bill_never_pays() {
    let simulators = simulators().await;
    let wait = Action::State {
        state: "WAIT_USER_CONFIRM".into(),
        fail_reason: None,
    };
    simulators
        .control
        .next(Partner::Wxpay, "transfer_bills", wait)
        .await
        .unwrap();
    submit(&simulators, &order("A1", 2000)).await;
    let cancel = simulators
        .pay("POST", &format!("{BILLS}/out-bill-no/A1/cancel"), "", "")
        .await
        .unwrap();
    assert_eq!(cancel.json()["state"], "CANCELING");
    assert_eq!(query(&simulators, "A1").await.json()["state"], "CANCELING");
    assert_eq!(query(&simulators, "A1").await.json()["state"], "CANCELLED");
    assert!(simulators.control.confirm("A1").await.is_err());
    assert_eq!(simulators.control.payouts().await.unwrap().bills[0].paid, 0);
}

async fn next(inbox: &mut tokio::sync::mpsc::UnboundedReceiver<Notification>) -> Notification {
    tokio::time::timeout(Duration::from_secs(10), inbox.recv())
        .await
        .expect("a notification comes")
        .unwrap()
}

fn opened(notification: &Notification) -> Option<Value> {
    let body: Value = serde_json::from_slice(&notification.body).ok()?;
    assert_eq!(body["event_type"], "MCHTRANSFER.BILL.FINISHED");
    let field = |name: &str| body["resource"][name].as_str().unwrap();
    let plain = decrypt(
        API_V3_KEY,
        field("nonce"),
        field("associated_data"),
        field("ciphertext"),
    )?;
    serde_json::from_slice(&plain).ok()
}

#[tokio::test]
async fn the_end_of_a_bill_is_notified_signed_and_sealed() {
    let simulators = simulators().await;
    let (url, mut inbox) = product().await;
    let with_url = |number: &str| {
        let mut order = order(number, 2000);
        order["notify_url"] = url.as_str().into();
        order
    };
    submit(&simulators, &with_url("A1")).await;
    let notification = next(&mut inbox).await;
    assert!(authentic(&simulators, &notification.headers, &notification.body));
    let plain = opened(&notification).unwrap();
    assert_eq!(
        (&plain["out_bill_no"], &plain["state"]),
        (&json!("A1"), &json!("SUCCESS"))
    );

    simulators
        .control
        .next(Partner::Wxpay, "notify", Action::Twice {})
        .await
        .unwrap();
    submit(&simulators, &with_url("A2")).await;
    assert_eq!(next(&mut inbox).await.body, next(&mut inbox).await.body);

    for forgery in [Action::BadSignature {}, Action::FlipByte {}] {
        simulators
            .control
            .next(Partner::Wxpay, "notify", forgery)
            .await
            .unwrap();
        submit(&simulators, &with_url("A3")).await;
        let notification = next(&mut inbox).await;
        assert!(!authentic(&simulators, &notification.headers, &notification.body));
        simulators.control.reset().await.unwrap();
    }

    simulators
        .control
        .next(Partner::Wxpay, "notify", Action::WrongAmount { fen: 1 })
        .await
        .unwrap();
    submit(&simulators, &with_url("A4")).await;
    assert_eq!(opened(&next(&mut inbox).await).unwrap()["transfer_amount"], 1);
}

#[tokio::test]
async fn an_authorised_user_is_paid_without_openid() {
    const BASE: &str = "/wxpay/v3/fund-app/mch-transfer/user-confirm-authorization";
    let simulators = simulators().await;
    let wish =
        json!({"out_authorization_no": "Z1", "appid": APP_ID, "openid": "o-1", "user_display_name": "Ann"});
    let body = wish.to_string();
    let answer = simulators.pay("POST", BASE, &body, &body).await.unwrap().json();
    assert_eq!(answer["state"], "TAKING_EFFECT");

    let mut transfer = order("A1", 2000);
    transfer.as_object_mut().unwrap().remove("openid");
    transfer["out_authorization_no"] = "Z1".into();
    transfer["authorization_id"] = answer["authorization_id"].clone();
    let body = transfer.to_string();
    let path = format!("{BILLS}/transfer");
    assert_eq!(
        simulators.pay("POST", &path, &body, &body).await.unwrap().json()["state"],
        "ACCEPTED"
    );
    assert_eq!(simulators.control.payouts().await.unwrap().received["o-1"], 2000);

    simulators
        .pay("POST", &format!("{BASE}/out-authorization-no/Z1/close"), "", "")
        .await
        .unwrap();
    let body = body.replace("A1", "A2");
    assert_eq!(
        simulators.pay("POST", &path, &body, &body).await.unwrap().json()["code"],
        "NO_AUTH"
    );
}

#[tokio::test]
async fn the_legacy_interface_pays_once_and_answers_queries() {
    let simulators = simulators().await;
    let call = |amount: &str, key: &str| {
        let fields = [
            ("mch_appid", APP_ID),
            ("mchid", MERCHANT_ID),
            ("nonce_str", "n"),
            ("partner_trade_no", "B1"),
            ("openid", "o-1"),
            ("check_name", "NO_CHECK"),
            ("amount", amount),
            ("desc", "income"),
            ("spbill_create_ip", "127.0.0.1"),
        ];
        let mut fields: std::collections::BTreeMap<String, String> = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        fields.insert("sign".into(), legacy::sign(&fields, key));
        let lines: String = fields
            .iter()
            .map(|(name, value)| format!("<{name}>{value}</{name}>"))
            .collect();
        format!("<xml>{lines}</xml>")
    };
    const TRANSFER: &str = "/wxpay/mmpaymkttransfers/promotion/transfers";
    let has = |answer: &Answer, text: &str| assert!(answer.text.contains(text), "{}", answer.text);
    has(
        &simulators
            .post(TRANSFER, call("2000", "another key"))
            .await
            .unwrap(),
        "SIGN_ERROR",
    );
    for _ in 0..2 {
        let answer = simulators.post(TRANSFER, call("2000", API_V3_KEY)).await.unwrap();
        has(&answer, "<result_code><![CDATA[SUCCESS]]>");
    }
    has(
        &simulators.post(TRANSFER, call("3000", API_V3_KEY)).await.unwrap(),
        "FATAL_ERROR",
    );
    let found = simulators
        .post("/wxpay/mmpaymkttransfers/gettransferinfo", call("1", API_V3_KEY))
        .await
        .unwrap();
    has(&found, "<status><![CDATA[SUCCESS]]>");
    assert_eq!(simulators.control.payouts().await.unwrap().received["o-1"], 2000);
}

#[tokio::test]
async fn kept_books_outlive_a_restart() {
    let path = std::env::temp_dir().join(format!("simulator-books-{}.json", uuid::Uuid::new_v4()));
    let settings = Settings {
        books: Some(path.clone()),
        ..Settings::with_keys(Keys::generate().unwrap())
    };
    let first = simulators_with(settings.clone()).await;
    submit(&first, &order("A1", 2000)).await;
    let pull = json!({"group_id": "G-1", "robot_id": "R-3", "user_id": "U-7"});
    first
        .control
        .inject(&[Event::new("bind_group_success", pull)])
        .await
        .unwrap();
    first.simulator.shutdown().await.unwrap();

    let second = simulators_with(settings).await;
    assert!(second.control.gateway().await.unwrap().groups["G-1"].bound);
    submit(&second, &order("A1", 2000)).await;
    assert_eq!(query(&second, "A1").await.json()["state"], "SUCCESS");
    let payouts = second.control.payouts().await.unwrap();
    assert_eq!((payouts.bills[0].submissions, payouts.bills[0].paid), (2, 1));
    std::fs::remove_file(path).unwrap();
}
