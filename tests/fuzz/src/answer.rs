//! What partners answer: the gateway, the delivery system, the SMS provider, WeChat. What is believed of it can be kept,
//! and no words about it tell a secret.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use kernel::clock::Clock;
use kernel::config::{LaunchConfig, SmsConfig, WechatConfig};
use kernel::error::Error;
use kernel::external::{LONGEST_ADDRESS, LONGEST_CODE, LONGEST_NAME};
use partners::launch::{DeliverySwitch, Launch, LaunchCall};
use partners::sms::{ShortMessage, Sms, Template};
use partners::wechat::WechatOauth;
use transport::gateway::Gateway;
use transport::{CommandOutcome, OutgoingMessage, RobotCommand, RobotTransport};
use uuid::Uuid;

use crate::partner::{Answer, Partner};
use crate::rules::{choice, hides, now, storable};

/// What no words may tell: tokens, passwords, the code in a message.
pub const SECRET: &str = "s3cr3t-0f-0urs";
/// What stands between two answers.
const NEXT: &[u8] = b"\n---\n";
/// Characters of words that end in the outbox.
const LONGEST_WORDS: usize = 600;

struct Clients {
    partner: Partner,
    gateway: Gateway,
    launch: Launch,
    sms: Sms,
    wechat: WechatOauth,
}

static CLIENTS: LazyLock<Mutex<Clients>> = LazyLock::new(|| {
    let partner = Partner::open();
    let host = || partner.base.clone();
    let sms = SmsConfig {
        host: host(),
        key_id: "k".into(),
        key_secret: SECRET.into(),
        sign_name: "gpet".into(),
        template_code: "T1".into(),
        retired_template_code: "T2".into(),
        timeout_seconds: 5,
    };
    let launch = LaunchConfig {
        host: host(),
        timeout_seconds: 5,
    };
    let wechat = WechatConfig {
        host: host(),
        app_id: "wx1".into(),
        secret: SECRET.into(),
        timeout_seconds: 5,
    };
    Mutex::new(Clients {
        gateway: Gateway::new(&crate::gateway::config(&partner.base)).unwrap(),
        launch: Launch::new(&launch).unwrap(),
        sms: Sms::new(&sms, Clock::fixed(now())).unwrap(),
        wechat: WechatOauth::new(&wechat).unwrap(),
        partner,
    })
});

/// What is asked, of the gateway `0` to `3`, `4` the delivery system, `5` SMS, `6` WeChat; the status; then the body, or
/// bodies with a line of `---` between.
pub fn of_partner(data: &[u8]) {
    let [asked, status, body @ ..] = data else {
        return;
    };
    // Who tells the secret themselves may hear it again, except the SMS provider, who is told each code.
    let told = body.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes());
    if told && choice(*asked, 7) != 5 {
        return;
    }
    let answers = parts(body)
        .into_iter()
        .map(|body| Answer::new(*status, body))
        .collect();
    let clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let Clients {
        partner,
        gateway,
        launch,
        sms,
        wechat,
    } = &*clients;
    partner.answering(answers, async {
        match choice(*asked, 7) {
            0 => robot(gateway).await,
            1 => groups(gateway).await,
            2 => delivered(gateway.execute(Uuid::nil(), &bind()).await),
            3 => delivered(gateway.execute(Uuid::nil(), &say()).await),
            4 => switched(launch).await,
            5 => sent(sms).await,
            _ => identified(wechat).await,
        }
    });
}

fn parts(mut body: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(end) = body.windows(NEXT.len()).position(|bytes| bytes == NEXT) {
        parts.push(&body[..end]);
        body = &body[end + NEXT.len()..];
    }
    parts.push(body);
    parts
}

async fn robot(gateway: &Gateway) {
    match gateway.robot(&"R-1".parse().unwrap()).await {
        Ok(profile) => {
            storable("the name", &profile.name, LONGEST_NAME);
            storable("the number", &profile.wechat_no, LONGEST_NAME);
            storable("the picture", &profile.head_url, LONGEST_ADDRESS);
            storable("the QR code", &profile.qr_code, LONGEST_ADDRESS);
        }
        Err(error) => hides(&error, SECRET),
    }
}

async fn groups(gateway: &Gateway) {
    match gateway.groups_of(&"R-1".parse().unwrap()).await {
        Ok(groups) => {
            for group in groups {
                storable("a code", group.as_str(), LONGEST_CODE);
            }
        }
        Err(error) => hides(&error, SECRET),
    }
}

fn bind() -> RobotCommand {
    RobotCommand::BindGroup {
        robot_code: "R-1".parse().unwrap(),
        group_code: "G-1".parse().unwrap(),
    }
}

fn say() -> RobotCommand {
    RobotCommand::SendPrivateMessage {
        robot_code: "R-1".parse().unwrap(),
        user_code: "U-1".parse().unwrap(),
        message: OutgoingMessage::SecretText { text: SECRET.into() },
    }
}

fn delivered(delivery: CommandOutcome) {
    match delivery {
        CommandOutcome::Done => {}
        CommandOutcome::Refused(words) | CommandOutcome::Retry(words) | CommandOutcome::Unknown(words) => {
            assert!(words.chars().count() <= LONGEST_WORDS, "{words}");
        }
    }
}

async fn switched(launch: &Launch) {
    let switch = DeliverySwitch {
        group_code: "G-1".to_owned(),
        on: true,
    };
    if let Err(error) = launch.call(&LaunchCall::Slots { slots: vec![switch] }).await {
        bounded(&error);
    }
}

async fn sent(sms: &Sms) {
    let message = ShortMessage {
        phone: "13800138000".to_owned(),
        template: Template::VerifyCode,
        params: BTreeMap::from([("code".to_owned(), SECRET.into())]),
        valid_until: now(),
    };
    if let Err(reason) = sms.send(&message).await {
        let words = reason.to_string();
        assert!(!words.contains(SECRET), "{words}");
        assert!(words.chars().count() <= LONGEST_WORDS, "{words}");
    }
}

async fn identified(wechat: &WechatOauth) {
    match wechat.identify("code").await {
        Ok(person) => {
            let union_id = person.union_id.as_deref().unwrap_or("none");
            for id in [&person.open_id, union_id] {
                storable("an id", id, LONGEST_CODE);
                assert!(!id.is_empty());
            }
            storable("the nickname", &person.nickname, LONGEST_NAME);
            storable("the picture", &person.head_url, LONGEST_ADDRESS);
        }
        Err(error) => bounded(&error),
    }
}

fn bounded(error: &Error) {
    hides(error, SECRET);
    let chain = error.chain();
    assert!(chain.chars().count() <= LONGEST_WORDS, "{chain}");
}
