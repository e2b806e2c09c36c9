//! The connector against a partner in the test that signs, forges, refuses and breaks off.

use super::*;
use crate::wxpay::test_keys::TestKeys;
use kernel::http::testing::{React, Reaction, answer, partner};

const NOW: &str = "2026-11-21T00:00:00Z";

trait Sides {
    fn connector(&self, host: &str) -> WxPay;
    fn says(&self, status: u16, signed: &str, sent: &str) -> React;
}

impl Sides for TestKeys {
    fn connector(&self, host: &str) -> WxPay {
        WxPay::new(&self.config(host), Clock::fixed(NOW.parse().unwrap())).unwrap()
    }

    /// An answer signed for `signed` that carries `sent`.
    fn says(&self, status: u16, signed: &str, sent: &str) -> React {
        let timestamp = NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
        let signature = self
            .platform
            .signer()
            .sign(format!("{timestamp}\nn\n{signed}\n").as_bytes())
            .unwrap();
        let headers = format!(
            "wechatpay-timestamp: {timestamp}\r\nwechatpay-nonce: n\r\nwechatpay-serial: PUB_KEY_ID_1\r\n\
             wechatpay-signature: {signature}\r\n"
        );
        let sent = sent.to_owned();
        Box::new(move |_| answer(status, &headers, &sent))
    }
}

fn order() -> PayoutOrder {
    PayoutOrder {
        bill_no: "W1".into(),
        open_id: "o-1".into(),
        amount: Money::from_fen(2000),
    }
}

fn outcome(answer: PayoutAnswer) -> PayoutOutcome {
    answer.outcome_for(Money::from_fen(2000), "o-1")
}

fn is_unknown(outcome: &PayoutOutcome, with_alert: bool) -> bool {
    matches!(outcome, PayoutOutcome::Unknown { alert, .. } if *alert == with_alert)
}

#[tokio::test]
async fn a_submission_is_signed_over_what_is_sent() {
    let test_keys = TestKeys::new();
    let body =
        r#"{"out_bill_no":"W1","transfer_bill_no":"1","state":"WAIT_USER_CONFIRM","package_info":"p"}"#;
    let (base, seen) = partner(vec![test_keys.says(200, body, body)]).await;
    let answer = test_keys
        .connector(&format!("{base}/wxpay"))
        .submit(&order())
        .await;
    assert_eq!(
        outcome(answer),
        PayoutOutcome::WaitUserConfirm {
            package_info: Some("p".into())
        }
    );

    let request = seen.await.unwrap().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /wxpay/v3/fund-app/mch-transfer/transfer-bills HTTP/1.1"),
        "{head}"
    );
    let authorization = head
        .lines()
        .find(|line| line.starts_with("authorization: "))
        .unwrap();
    let field = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0
    };
    let message = format!(
        "POST\n/wxpay/v3/fund-app/mch-transfer/transfer-bills\n{}\n{}\n{body}\n",
        field("timestamp"),
        field("nonce_str")
    );
    let merchant = crate::wxpay::keys::PlatformKey::read("k", test_keys.merchant.public.to_str().unwrap());
    assert!(merchant.unwrap().verifies(message.as_bytes(), field("signature")));
    assert_eq!((field("mchid"), field("serial_no")), ("19", "5A"));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["transfer_amount"], 2000);
    assert_eq!(body["transfer_scene_report_infos"][0]["info_type"], "岗位类型");
}

#[tokio::test]
async fn an_answer_with_one_byte_flipped_is_none() {
    let test_keys = TestKeys::new();
    let signed = r#"{"out_bill_no":"W1","state":"FAIL","transfer_amount":2000}"#;
    let (base, _seen) = partner(vec![test_keys.says(200, signed, &signed.replace("2000", "2001"))]).await;
    let outcome = outcome(test_keys.connector(&base).query("W1").await);
    assert!(is_unknown(&outcome, false), "{outcome:?}");
}

#[tokio::test]
async fn an_unsigned_refusal_is_unknown_and_a_signed_one_refused() {
    let test_keys = TestKeys::new();
    let body = r#"{"code":"NOT_ENOUGH","message":"no money"}"#;
    let (base, _seen) = partner(vec![
        Box::new(move |_| answer(403, "", body)),
        test_keys.says(403, body, body),
        test_keys.says(500, r#"{"code":"SYSTEM_ERROR"}"#, r#"{"code":"SYSTEM_ERROR"}"#),
        test_keys.says(
            429,
            r#"{"code":"FREQUENCY_LIMITED"}"#,
            r#"{"code":"FREQUENCY_LIMITED"}"#,
        ),
    ])
    .await;
    let connector = test_keys.connector(&base);
    assert!(is_unknown(&outcome(connector.submit(&order()).await), false));
    assert_eq!(
        outcome(connector.submit(&order()).await),
        PayoutOutcome::Refused {
            code: "NOT_ENOUGH".into(),
            message: "no money".into()
        }
    );
    assert!(is_unknown(&outcome(connector.submit(&order()).await), false));
    assert!(is_unknown(&outcome(connector.submit(&order()).await), false));
}

#[tokio::test]
async fn silence_and_a_broken_connection_are_unknown() {
    let test_keys = TestKeys::new();
    let (base, _seen) = partner(vec![
        Box::new(|_| Reaction::HangUp),
        Box::new(|_| Reaction::Silence),
    ])
    .await;
    let connector = test_keys.connector(&base);
    assert!(is_unknown(&outcome(connector.submit(&order()).await), false));
    assert!(is_unknown(&outcome(connector.query("W1").await), false));
}

#[tokio::test]
async fn a_query_tells_the_end_of_this_bill_only() {
    let test_keys = TestKeys::new();
    let paid = r#"{"out_bill_no":"W1","state":"SUCCESS","transfer_amount":2000,"openid":"o-1","update_time":"2026-11-21T07:00:00+08:00"}"#;
    let more = paid.replace("2000", "3000");
    let other = paid.replace("W1", "W2");
    let none = r#"{"code":"NOT_FOUND","message":"no such bill"}"#;
    let (base, _seen) = partner(vec![
        test_keys.says(200, paid, paid),
        test_keys.says(200, &more, &more),
        test_keys.says(200, &other, &other),
        test_keys.says(404, none, none),
    ])
    .await;
    let connector = test_keys.connector(&base);
    let at = "2026-11-20T23:00:00Z".parse().unwrap();
    assert_eq!(outcome(connector.query("W1").await), PayoutOutcome::Paid { at });
    assert!(
        is_unknown(&outcome(connector.query("W1").await), true),
        "another amount"
    );
    assert!(
        is_unknown(&outcome(connector.query("W1").await), true),
        "another bill"
    );
    assert_eq!(outcome(connector.query("W1").await), PayoutOutcome::NotFound);
}

#[tokio::test]
async fn a_cancel_waits_for_a_query() {
    let test_keys = TestKeys::new();
    let body = r#"{"out_bill_no":"W1","state":"CANCELLED"}"#;
    let (base, seen) = partner(vec![test_keys.says(200, body, body)]).await;
    let answer = test_keys.connector(&base).cancel("W1").await;
    assert_eq!(
        outcome(answer),
        PayoutOutcome::Accepted {
            partner_state: "CANCELLED".into()
        }
    );
    let request = seen.await.unwrap().remove(0);
    assert!(
        request.starts_with("POST /v3/fund-app/mch-transfer/transfer-bills/out-bill-no/W1/cancel "),
        "{request}"
    );
}

#[tokio::test]
async fn the_list_of_a_date_is_read_whole_or_not_at_all() {
    let test_keys = TestKeys::new();
    let whole = r#"{"bills":[{"out_bill_no":"W1","state":"SUCCESS","transfer_amount":2000,"openid":"o-1"}]}"#;
    let half = r#"{"bills":[{"out_bill_no":"W1","state":"SUCCESS"}]}"#;
    let (base, seen) = partner(vec![
        test_keys.says(200, whole, whole),
        test_keys.says(200, half, half),
    ])
    .await;
    let connector = test_keys.connector(&base);
    let date: BusinessDate = "2026-11-21".parse().unwrap();
    let bills = connector.bills_of(date).await.unwrap();
    assert_eq!(
        (bills.len(), bills[0].amount, bills[0].state.name()),
        (1, Money::from_fen(2000), "SUCCESS")
    );
    assert!(connector.bills_of(date).await.is_err());
    assert!(seen.await.unwrap()[0].contains("/transfer-bills/download?bill_date=2026-11-21 "));
}

#[tokio::test]
async fn a_number_that_could_change_the_path_goes_nowhere() {
    let test_keys = TestKeys::new();
    let connector = test_keys.connector("http://127.0.0.1:9");
    assert!(is_unknown(&outcome(connector.query("../W1").await), true));
}

#[test]
fn a_missing_key_is_named_with_its_variable() {
    let test_keys = TestKeys::new();
    let mut config = test_keys.config("http://127.0.0.1:9");
    config.platform_key_path.clear();
    let error = WxPay::new(&config, Clock::system()).err().unwrap();
    assert!(error.message.contains("GPET_WXPAY_PLATFORM_KEY_PATH"), "{error}");
}
