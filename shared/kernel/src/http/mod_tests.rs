//! How calls to a partner fail.

use super::testing::{Reaction, answer, partner};
use super::*;
use tokio::net::TcpListener;

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
