//! A partner whose answers a test scripts, over a real socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a one-shot partner does with a request.
pub enum Reaction {
    /// Answers these bytes.
    Answer(Vec<u8>),
    /// Hangs up.
    HangUp,
    /// Says nothing and keeps the line.
    Silence,
}

/// An HTTP answer.
pub fn answer(status: u16, headers: &str, body: &str) -> Reaction {
    let length = body.len();
    Reaction::Answer(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        )
        .into_bytes(),
    )
}

/// What a partner does with one request.
pub type React = Box<dyn FnOnce(&str) -> Reaction + Send>;

/// A partner that takes requests one by one, lets `react` see each, and hands back all of them at the end.
pub async fn partner(mut reactions: Vec<React>) -> (String, JoinHandle<Vec<String>>) {
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
