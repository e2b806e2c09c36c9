use super::*;
use crate::{CancelReason, OutgoingMessage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn answer(status: u16, body: &str) -> CallOutcome {
    CallOutcome::Answer(StatusCode::from_u16(status).unwrap(), body.as_bytes().to_vec())
}

fn say() -> RobotCommand {
    RobotCommand::SendPrivateMessage {
        robot_code: "R".parse().unwrap(),
        user_code: "U".parse().unwrap(),
        message: OutgoingMessage::Text { text: "hi".into() },
    }
}

fn bind() -> RobotCommand {
    RobotCommand::BindGroup {
        robot_code: "R".parse().unwrap(),
        group_code: "G".parse().unwrap(),
    }
}

fn unbind() -> RobotCommand {
    RobotCommand::UnbindGroup {
        robot_code: "R".parse().unwrap(),
        group_code: "G".parse().unwrap(),
        reason: CancelReason::Wanted,
    }
}

/// What becomes of a command, in one word.
fn result_of(command: &RobotCommand, outcome: CallOutcome, idempotent_sends: bool) -> &'static str {
    let request = wire::request(Uuid::nil(), command);
    let may_repeat = wire::repeatable(command) || idempotent_sends;
    match classify(outcome, &request, may_repeat) {
        CommandOutcome::Done => "done",
        CommandOutcome::Refused(_) => "refused",
        CommandOutcome::Retry(_) => "retry",
        CommandOutcome::Unknown(_) => "unknown",
    }
}

#[test]
fn both_forms_of_100_are_success_and_all_else_refuses() {
    for body in [r#"{"code":100}"#, r#"{"code":"100"}"#] {
        assert_eq!(result_of(&say(), answer(200, body), false), "done");
        assert_eq!(result_of(&bind(), answer(200, body), false), "done");
    }
    for body in [r#"{"code":101}"#, "{}", r#"{"code":null}"#] {
        assert_eq!(result_of(&say(), answer(200, body), false), "refused");
        assert_eq!(result_of(&bind(), answer(200, body), false), "refused");
        assert_eq!(
            result_of(&unbind(), answer(200, body), false),
            "done",
            "its answer is ignored"
        );
    }
}

#[test]
fn a_send_that_may_have_arrived_is_not_repeated() {
    let lost = || CallOutcome::NoAnswer("timed out".into());
    assert_eq!(result_of(&say(), lost(), false), "unknown");
    assert_eq!(
        result_of(&say(), lost(), true),
        "retry",
        "message_no is an idempotency key there"
    );
    assert_eq!(result_of(&say(), answer(502, ""), false), "unknown");
    assert_eq!(result_of(&say(), answer(200, "<html>"), false), "unknown");
    assert_eq!(
        result_of(&say(), CallOutcome::NotSent("refused".into()), false),
        "retry"
    );
    assert_eq!(result_of(&say(), answer(429, ""), false), "retry");
    assert_eq!(result_of(&say(), answer(400, ""), false), "refused");
}

#[test]
fn what_may_be_repeated_is() {
    for command in [bind(), unbind()] {
        assert_eq!(
            result_of(&command, CallOutcome::NoAnswer("timed out".into()), false),
            "retry"
        );
        assert_eq!(result_of(&command, answer(503, ""), false), "retry");
    }
}

/// A gateway that answers one request with these bytes, or closes at once when there are none. Tells what it was sent.
async fn gateway(answer: &'static str) -> (Client, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config();
    config.host = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 4096];
        let length = stream.read(&mut seen).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&seen[..length]).into_owned()
    });
    (Client::new(&config).unwrap(), served)
}

fn config() -> GatewayConfig {
    let file: toml::Table = include_str!("../../../../config/default.toml").parse().unwrap();
    let mut config: GatewayConfig = file["gateway"].clone().try_into().unwrap();
    config.token = "let-me-in".into();
    config
}

#[tokio::test]
async fn the_token_and_the_code_are_on_the_wire() {
    let (client, served) = gateway(
        "HTTP/1.1 200 OK\r\ncontent-length: 91\r\n\r\n{\"code\":\"100\",\"content\":{\"nickname\":\"pet\",\"wxid\":\"w\",\"avatar\":null,\"qrcode\":\"https://x/q\"}} ",
    )
    .await;
    let profile = client.robot(&"R/3".parse().unwrap()).await.unwrap();
    assert_eq!((profile.name.as_str(), profile.head_url.as_str()), ("pet", ""));
    let request = served.await.unwrap();
    assert!(request.starts_with("GET /gbot/robot/R%2F3 "), "{request}");
    assert!(
        request.to_lowercase().contains("authorization: bearer let-me-in"),
        "{request}"
    );
}

#[tokio::test]
async fn a_connection_closed_without_answer_is_unknown_to_a_send() {
    let (client, served) = gateway("").await;
    let delivery = client.execute(Uuid::nil(), &say()).await;
    assert!(matches!(delivery, CommandOutcome::Unknown(_)), "{delivery:?}");
    served.await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config();
    config.host = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(&config).unwrap();
    let delivery = client.execute(Uuid::nil(), &say()).await;
    assert!(matches!(delivery, CommandOutcome::Retry(_)), "{delivery:?}");
    assert_eq!(
        client
            .groups_of(&"R".parse().unwrap())
            .await
            .unwrap_err()
            .http_status(),
        502
    );
}
