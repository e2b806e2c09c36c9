//! WeChat Pay, both ways in: its notifications, and its answers about payouts. What is believed of them can be kept, and
//! without the platform's seal nothing is believed.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::clock::{BusinessDate, Clock};
use kernel::code::Code;
use kernel::config::WxpayConfig;
use kernel::external::LONGEST_CODE;
use kernel::money::Money;
use partners::wxpay::{
    Notifications, NotifyHeaders, PayoutAnswer, PayoutConnector, PayoutOrder, PayoutOutcome, WxPay,
};
use serde_json::json;

use crate::partner::{Answer, Partner};
use crate::rules::{choice, now, refused, storable};

const API_KEY: &str = "01234567890123456789012345678901";
const SERIAL: &str = "PUB_KEY_ID_1";
const BILL_NO: &str = "A1";
const OPEN_ID: &str = "o-1";
/// Characters of a partner's word, and of its explanations.
const LONGEST_WORDS: usize = 2000;

/// The platform's key, and readers that know it.
struct Platform {
    key: KeyPair,
    notifications: Notifications,
    partner: Partner,
    connector: WxPay,
}

static PLATFORM: LazyLock<Mutex<Platform>> = LazyLock::new(|| Mutex::new(Platform::open()));

impl Platform {
    fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("gpet-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (key, merchant) = (pair(), pair());
        let partner = Partner::open();
        let private: Pkcs8V1Der<'_> = merchant.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
        let config = WxpayConfig {
            host: partner.base.clone(),
            connector: "transfer_bills".into(),
            mch_id: "19".into(),
            app_id: "wx1".into(),
            serial: "5A".into(),
            api_key: API_KEY.into(),
            key_path: pem(&folder, "PRIVATE KEY", private.as_ref()),
            ca_path: String::new(),
            platform_key_path: pem(&folder, "PUBLIC KEY", public.as_ref()),
            platform_serial: SERIAL.into(),
            notify_url: String::new(),
            scene_id: "1005".into(),
            remark: "r".into(),
            position: "p".into(),
            pay_reason: "w".into(),
            timeout_seconds: 5,
        };
        let clock = Clock::fixed(now());
        let platform = Platform {
            notifications: Notifications::new(&config, clock.clone()).unwrap(),
            connector: WxPay::new(&config, clock).unwrap(),
            key,
            partner,
        };
        std::fs::remove_dir_all(folder).unwrap();
        platform
    }

    fn sign(&self, timestamp: &str, nonce: &str, body: &[u8]) -> String {
        let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)
            .unwrap();
        BASE64_STANDARD.encode(signature)
    }

    fn sealed(&self, body: &[u8]) -> Answer {
        let timestamp = now().timestamp().to_string();
        let signature = self.sign(&timestamp, "n", body);
        Answer {
            headers: format!(
                "wechatpay-timestamp: {timestamp}\r\nwechatpay-nonce: n\r\nwechatpay-serial: {SERIAL}\r\n\
                 wechatpay-signature: {signature}\r\n"
            ),
            ..Answer::new(b'0', body)
        }
    }
}

fn pair() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).unwrap()
}

fn pem(folder: &Path, label: &str, der: &[u8]) -> String {
    let path: PathBuf = folder.join(label.replace(' ', "-"));
    let body = BASE64_STANDARD.encode(der);
    std::fs::write(
        &path,
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"),
    )
    .unwrap();
    path.display().to_string()
}

/// `0` in lines: time, nonce, serial, signature, and the body; `1` a body that is sealed; `2` what is encrypted in one.
pub fn notification(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let platform = PLATFORM.lock().unwrap_or_else(PoisonError::into_inner);
    match choice(*first, 3) {
        0 => as_it_came(&platform, rest),
        1 => sealed(&platform, rest),
        _ => sealed(&platform, &encrypted(rest)),
    }
}

fn as_it_came(platform: &Platform, data: &[u8]) {
    let mut lines = data.splitn(5, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    let (timestamp, nonce, serial, signature) = (text(line()), text(line()), text(line()), text(line()));
    let headers = NotifyHeaders {
        timestamp: &timestamp,
        nonce: &nonce,
        serial: &serial,
        signature: &signature,
    };
    let error = platform.notifications.open(headers, line()).unwrap_err();
    assert_eq!(error.code, Code::Unauthenticated);
}

fn sealed(platform: &Platform, body: &[u8]) {
    let timestamp = now().timestamp().to_string();
    let signature = platform.sign(&timestamp, "n", body);
    let headers = NotifyHeaders {
        timestamp: &timestamp,
        nonce: "n",
        serial: SERIAL,
        signature: &signature,
    };
    match platform.notifications.open(headers, body) {
        Ok(notification) => {
            storable("the number", &notification.bill_no, LONGEST_CODE);
            storable("the state", notification.state.name(), LONGEST_CODE);
        }
        Err(error) if error.code == Code::Unauthenticated => {}
        Err(error) => refused(&error),
    }
    let late = NotifyHeaders {
        timestamp: "1795226099",
        ..headers
    };
    assert!(platform.notifications.open(late, body).is_err());
}

fn encrypted(plain: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_KEY.as_bytes()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(b"0123456789ab").unwrap();
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from("transfer"), &mut text)
        .unwrap();
    let resource = json!({"algorithm": "AEAD_AES_256_GCM", "ciphertext": BASE64_STANDARD.encode(text),
        "nonce": "0123456789ab", "associated_data": "transfer"});
    json!({"id": "1", "event_type": "MCHTRANSFER.BILL.FINISHED", "resource": resource})
        .to_string()
        .into_bytes()
}

/// What is asked: `0` to pay, `1` what became of it, `2` to take it back, `3` the list of a date; the status; `0` with
/// the platform's seal; then the body.
pub fn answer(data: &[u8]) {
    let [asked, status, seal, body @ ..] = data else {
        return;
    };
    let platform = PLATFORM.lock().unwrap_or_else(PoisonError::into_inner);
    let believed = choice(*seal, 8) != 1;
    let plain = Answer::new(*status, body);
    let answer = match believed {
        true => Answer {
            status: plain.status,
            ..platform.sealed(body)
        },
        false => plain,
    };
    let status = answer.status;
    let order = PayoutOrder {
        bill_no: BILL_NO.to_owned(),
        open_id: OPEN_ID.to_owned(),
        amount: Money::from_fen(2000),
    };
    let connector = &platform.connector;
    platform.partner.answering(vec![answer], async {
        let (answer, asked) = match choice(*asked, 4) {
            0 => (connector.submit(&order).await, true),
            1 => (connector.query(BILL_NO).await, false),
            2 => (connector.cancel(BILL_NO).await, true),
            _ => return listed(connector, believed && status == 200).await,
        };
        understood(answer, &order, asked, believed);
    });
}

fn understood(answer: PayoutAnswer, order: &PayoutOrder, asked_for: bool, believed: bool) {
    let about = (answer.amount(), answer.open_id().map(str::to_owned));
    let outcome = answer.outcome_for(order.amount, &order.open_id);
    let words: &[&str] = match &outcome {
        PayoutOutcome::Accepted { partner_state } => &[partner_state],
        PayoutOutcome::WaitUserConfirm { package_info } => &[package_info.as_deref().unwrap_or_default()],
        PayoutOutcome::Failed { reason } => &[reason],
        PayoutOutcome::Refused { code, message } => &[code, message],
        PayoutOutcome::Unknown { why, .. } => &[why],
        PayoutOutcome::Paid { .. } | PayoutOutcome::NotFound => &[],
    };
    for words in words {
        storable("a word about a payout", words, LONGEST_WORDS);
    }
    let ended = matches!(outcome, PayoutOutcome::Paid { .. } | PayoutOutcome::Failed { .. });
    assert!(
        believed || matches!(outcome, PayoutOutcome::Unknown { .. }),
        "{outcome:?}"
    );
    assert!(
        !(asked_for && ended),
        "only a query tells how it ended: {outcome:?}"
    );
    if matches!(outcome, PayoutOutcome::Paid { .. }) {
        assert_eq!(about.0, Some(order.amount));
        assert!(about.1.is_none_or(|receiver| receiver == order.open_id));
    }
}

async fn listed(connector: &WxPay, may_be: bool) {
    let Ok(bills) = connector.bills_of(BusinessDate::of(now())).await else {
        return;
    };
    assert!(may_be, "a list that nobody sealed");
    for bill in bills {
        storable("a number", &bill.bill_no, LONGEST_CODE);
        storable(
            "a receiver",
            bill.open_id.as_deref().unwrap_or_default(),
            LONGEST_CODE,
        );
        storable("a state", bill.state.name(), LONGEST_CODE);
    }
}
