//! A partner in the test, and how calls to it fail.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a one-shot partner does with a request.
pub(crate) enum Reaction {
    /// Answers these bytes.
    Answer(Vec<u8>),
    /// Hangs up.
    HangUp,
    /// Says nothing and keeps the line.
    Silence,
}

/// An HTTP answer.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Reaction {
    let length = body.len();
    Reaction::Answer(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        )
        .into_bytes(),
    )
}

/// What a partner does with one request.
pub(crate) type React = Box<dyn FnOnce(&str) -> Reaction + Send>;

/// A partner that takes requests one by one, lets `react` see each, and hands back all of them at the end.
pub(crate) async fn partner(mut reactions: Vec<React>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut seen, mut kept) = (Vec::new(), Vec::new());
        for react in reactions.drain(..) {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            match react(&request) {
                Reaction::Answer(bytes) => stream.write_all(&bytes).await.unwrap(),
                Reaction::HangUp => {}
                Reaction::Silence => kept.push(stream),
            }
            seen.push(request);
        }
        // A silent line stays open until the caller has given up.
        for mut stream in kept {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        seen
    });
    (base, seen)
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let wanted = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= wanted {
                return text;
            }
        }
        assert_ne!(count, 0, "the request ended early");
    }
}

async fn get(base: &str) -> Result<Answer, Failure> {
    let http = Http::new("test.host", base, 1).unwrap();
    let mut url = http.url("/x");
    url.set_query(Some("secret=hidden"));
    http.send(http.client().get(url)).await
}

#[tokio::test]
async fn a_refused_connection_never_got_there() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let failure = get(&base).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
    assert!(!failure.to_string().contains("hidden"), "{failure}");
}

#[tokio::test]
async fn silence_and_a_broken_connection_may_have_got_there() {
    let (base, seen) = partner(vec![
        Box::new(|_| Reaction::HangUp),
        Box::new(|_| Reaction::Silence),
    ])
    .await;
    for _ in 0..2 {
        let failure = get(&base).await.unwrap_err();
        assert!(matches!(failure, Failure::Unanswered(_)), "{failure}");
        assert!(!failure.to_string().contains("hidden"), "{failure}");
    }
    assert_eq!(seen.await.unwrap().len(), 2);
}

#[tokio::test]
async fn redirects_are_answers() {
    let (base, _seen) = partner(vec![Box::new(|_| {
        answer(302, "location: http://127.0.0.1:1/\r\n", "")
    })])
    .await;
    assert_eq!(get(&base).await.unwrap().status, 302);
}

#[test]
fn a_base_keeps_its_path() {
    let http = Http::new("test.host", "http://127.0.0.1:1/wxpay/", 1).unwrap();
    assert_eq!(http.url("/v3/x").as_str(), "http://127.0.0.1:1/wxpay/v3/x");
    for wrong in ["", "ftp://x", "http://x?a=1"] {
        assert!(
            Http::new("test.host", wrong, 1)
                .unwrap_err()
                .message
                .contains("test.host"),
            "{wrong}"
        );
    }
}
