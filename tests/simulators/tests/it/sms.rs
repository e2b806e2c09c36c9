//! The SMS service and the delivery system.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, Utc};
use serde_json::json;
use simulators::settings::{SMS_KEY_ID, SMS_KEY_SECRET};
use simulators::sms::signature;
use simulators::{Action, Partner};

use crate::fixture::{Simulators, simulators};

/// The wall clock is the partner's too.
#[allow(clippy::disallowed_methods)]
fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn send(simulators: &Simulators, nonce: &str, phone: &str, secret: &str) -> String {
    let fields = [
        ("AccessKeyId", SMS_KEY_ID),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("PhoneNumbers", phone),
        ("RegionId", "cn-hangzhou"),
        ("SignName", "小宠"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", nonce),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", "SMS_1"),
        ("TemplateParam", "{\"code\":\"123456\"}"),
        ("Timestamp", &now()),
        ("Version", "2017-05-25"),
    ];
    let mut fields: BTreeMap<String, String> = fields.map(|(name, value)| (name.into(), value.into())).into();
    let sign = signature("POST", &fields, secret);
    fields.insert("Signature".into(), sign);
    let form = reqwest::Url::parse_with_params("http://x.invalid/", &fields).unwrap();
    let answer = simulators.post("/sms/", form.query().unwrap()).await.unwrap();
    answer.json()["Code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_signed_message_is_kept_and_its_code_readable() {
    let simulators = simulators().await;
    assert_eq!(
        send(&simulators, "n1", "13800000001", "wrong").await,
        "SignatureDoesNotMatch"
    );
    assert!(simulators.control.sms_code("13800000001").await.is_err());
    assert_eq!(send(&simulators, "n1", "13800000001", SMS_KEY_SECRET).await, "OK");
    assert_eq!(
        simulators.control.sms_code("13800000001").await.unwrap(),
        "123456"
    );
    assert_eq!(
        send(&simulators, "n1", "13800000001", SMS_KEY_SECRET).await,
        "SignatureNonceUsed"
    );
    assert_eq!(
        send(&simulators, "n2", "12800000001", SMS_KEY_SECRET).await,
        "isv.MOBILE_NUMBER_ILLEGAL"
    );

    let code = json!("isv.BUSINESS_LIMIT_CONTROL");
    let refuse = Action::Refuse {
        code,
        http_status: None,
        body: None,
    };
    simulators
        .control
        .next(Partner::Sms, "send_sms", refuse)
        .await
        .unwrap();
    assert_eq!(
        send(&simulators, "n3", "13800000001", SMS_KEY_SECRET).await,
        "isv.BUSINESS_LIMIT_CONTROL"
    );
    assert_eq!(
        simulators
            .control
            .sms("13800000001")
            .await
            .unwrap()
            .messages
            .len(),
        1
    );
}

#[tokio::test]
async fn the_delivery_system_books_results_and_switches() {
    let simulators = simulators().await;
    let base = "/launch/launch-api/launch";
    let result = json!({"launchId": "T-9", "groupId": "G-1", "state": 1});
    assert_eq!(
        simulators
            .post(&format!("{base}/updatelaunchresult"), result)
            .await
            .unwrap()
            .json()["resultCode"],
        100
    );
    let slots = |time: i64| json!({"command": "update", "source": 2, "data": [{"groupId": "G-1", "limits": [{"type": 1, "time": time}]}]});
    for (time, code) in [(-1, 100), (0, 100), (7, 403)] {
        let answer = simulators
            .post(&format!("{base}/syncslotinfo"), slots(time))
            .await
            .unwrap();
        assert_eq!(answer.json()["resultCode"], code);
    }
    let books = simulators.control.launch().await.unwrap();
    assert_eq!(
        (books.results[0].launch_id.as_str(), books.switches["G-1"]),
        ("T-9", false)
    );
}
