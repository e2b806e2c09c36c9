//! What the clients of partners, and the libraries below them, log of a call at the loudest level: nothing that is
//! somebody's alone.

use super::sms::{ShortMessage, Sms, Template};
use super::wechat::WechatOauth;
use chrono::DateTime;
use kernel::clock::Clock;
use kernel::config::{GatewayConfig, SmsConfig, WechatConfig};
use kernel::http::testing::{answer, partner};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::util::SubscriberInitExt;
use transport::gateway::Gateway;
use transport::{OutgoingMessage, RobotCommand, RobotTransport};

/// Where the lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const SECRETS: [&str; 6] = [
    "271828",
    "gl_welcome",
    "oauth-code",
    "app-secret",
    "gateway-token",
    "sms-secret",
];

async fn sms() {
    let (host, seen) = partner(vec![Box::new(|_| answer(200, "", r#"{"Code":"OK"}"#))]).await;
    let config = SmsConfig {
        host,
        key_id: "id".into(),
        key_secret: SECRETS[5].into(),
        sign_name: "gpet".into(),
        template_code: "SMS_0".into(),
        retired_template_code: "SMS_1".into(),
        timeout_seconds: 1,
    };
    let message = ShortMessage {
        phone: "13800000000".into(),
        template: Template::VerifyCode,
        params: BTreeMap::from([("code".into(), SECRETS[0].into())]),
        valid_until: DateTime::UNIX_EPOCH,
    };
    let sms = Sms::new(&config, Clock::fixed(DateTime::UNIX_EPOCH)).unwrap();
    sms.send(&message).await.unwrap();
    assert!(seen.await.unwrap()[0].contains(SECRETS[0]), "the provider has it");
    tracing::info!(?message, ?sms, "as anybody may log them");
}

async fn gateway() {
    let (host, seen) = partner(vec![Box::new(|_| answer(200, "", r#"{"code":100}"#))]).await;
    let config = GatewayConfig {
        mq_url: "".into(),
        exchange: String::new(),
        queues: Vec::new(),
        host,
        token: SECRETS[4].into(),
        timeout_seconds: 1,
        idempotent_sends: false,
    };
    let command = RobotCommand::SendPrivateMessage {
        robot_code: "R-1".parse().unwrap(),
        user_code: "U-1".parse().unwrap(),
        message: OutgoingMessage::SecretText {
            text: SECRETS[1].into(),
        },
    };
    Gateway::new(&config)
        .unwrap()
        .execute(uuid::Uuid::nil(), &command)
        .await;
    assert!(seen.await.unwrap()[0].contains(SECRETS[1]), "the gateway has it");
    tracing::info!(?command, "as anybody may log it");
}

async fn wechat() {
    let (host, seen) = partner(vec![Box::new(|_| answer(200, "", r#"{"errcode":40029}"#))]).await;
    let config = WechatConfig {
        host,
        app_id: "wx1".into(),
        secret: SECRETS[3].into(),
        timeout_seconds: 1,
    };
    let error = WechatOauth::new(&config)
        .unwrap()
        .identify(SECRETS[2])
        .await
        .unwrap_err();
    assert!(seen.await.unwrap()[0].contains(SECRETS[2]), "WeChat has it");
    tracing::info!(error = error.chain(), ?error, "as anybody may log it");
}

#[tokio::test]
async fn nothing_secret_is_logged_at_any_level() {
    let lines = Lines::default();
    let writer = lines.clone();
    let loudest = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .set_default();
    sms().await;
    gateway().await;
    wechat().await;
    drop(loudest);
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("hyper"),
        "the libraries below are heard: {logged}"
    );
    assert!(logged.contains("SendPrivateMessage"), "{logged}");
    for secret in SECRETS {
        assert!(!logged.contains(secret), "{secret} in {logged}");
    }
}
