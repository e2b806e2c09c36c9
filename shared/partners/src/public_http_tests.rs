//! Names that lead elsewhere the second time, redirects, and everything else that would have us call ourselves.

use super::*;
use kernel::http::testing::{React, Reaction, answer, partner};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Answers every question with the next of its lists, the last one for ever, and counts them.
struct Scripted {
    answers: Mutex<Vec<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolve for Scripted {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        Ok(if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        })
    }
}

fn scripted(answers: &[&[&str]]) -> Arc<Scripted> {
    let addresses = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
    Arc::new(Scripted {
        answers: Mutex::new(answers.iter().map(addresses).collect()),
        asked: AtomicUsize::new(0),
    })
}

fn outside(profile: Profile, resolver: Arc<Scripted>) -> PublicHttp {
    PublicHttp {
        resolver,
        ..PublicHttp::new(profile, Duration::from_secs(2))
    }
}

fn says(body: &'static str) -> React {
    Box::new(move |_| answer(200, "", body))
}

fn refused(result: Result<Reply, Refusal>) -> bool {
    matches!(result, Err(Refusal::Address(_)))
}

#[tokio::test]
async fn what_an_address_may_look_like() {
    let world = || outside(Profile::Production, scripted(&[&["1.1.1.1:443"]]));
    for address in [
        "https://x.example/f",
        "https://x.example:443/f",
        "https://x.example:1024/f",
        "https://x.example:65535/f?a=1",
        "https://1.1.1.1/f",
        "https://[2606:4700:4700::1111]/f",
    ] {
        let url = world().read(address).unwrap();
        assert!(world().client_for(&url).await.is_ok(), "{address}");
    }
    for address in [
        "",
        "x.example/f",
        "http://x.example/f",
        "ftp://x.example/f",
        "file:///etc/passwd",
        "https://",
        "https://x.example:22/f",
        "https://x.example:1023/f",
        "https://x.example:0/f",
        "https://user@x.example/f",
        "https://:pass@x.example/f",
        "data:text/plain,hello",
        "https://x.example:99999/f",
    ] {
        assert!(refused(world().get(address, 10).await), "{address}");
    }
}

#[tokio::test]
async fn names_of_numbers_in_any_spelling_are_checked() {
    for profile in [Profile::Production, Profile::Test] {
        for address in [
            "https://10.0.0.1/f",
            "https://169.254.169.254/latest",
            "https://[fd00::1]/f",
            "https://[::ffff:10.0.0.1]/f",
            "https://[64:ff9b::a00:1]/f",
            "https://0x0a.0.0.1/f",
            "https://167772161/f",
            "https://0300.0250.0.1/f",
            "https://0.0.0.0/f",
            "https://[::]/f",
            "https://100.64.0.1/f",
            "https://224.0.0.1/f",
            "https://203.0.113.5/f",
        ] {
            assert!(
                refused(
                    outside(profile, scripted(&[&["1.1.1.1:443"]]))
                        .get(address, 10)
                        .await
                ),
                "{address}"
            );
        }
    }
    for address in [
        "https://127.0.0.1:8443/f",
        "https://2130706433:8443/f",
        "https://[::1]:8443/f",
        "http://127.0.0.1:8443/f",
    ] {
        let world = outside(Profile::Production, scripted(&[&["1.1.1.1:443"]]));
        assert!(refused(world.get(address, 10).await), "{address}");
    }
}

#[tokio::test]
async fn one_inner_address_among_many_refuses_them_all() {
    for inner in [
        "10.0.0.1:443",
        "[::ffff:10.0.0.1]:443",
        "127.0.0.1:443",
        "[fe80::1]:443",
    ] {
        let resolver = scripted(&[&["1.1.1.1:443", inner, "8.8.8.8:443"]]);
        for profile in [Profile::Production, Profile::Test] {
            assert!(
                refused(
                    outside(profile, resolver.clone())
                        .get("https://x.example/f", 10)
                        .await
                ),
                "{inner}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_is_asked_for_once_and_what_was_checked_is_called() {
    let (first, first_seen) = partner(vec![says("first")]).await;
    let (second, second_seen) = partner(vec![says("second")]).await;
    let address = |base: &str| base.trim_start_matches("http://").to_owned();
    let (first, second) = (address(&first), address(&second));
    let resolver = scripted(&[&[&first], &[&second]]);
    let port = first.rsplit(':').next().unwrap();
    let reply = outside(Profile::Test, resolver.clone())
        .get(&format!("http://x.example:{port}/f"), 10)
        .await;
    assert_eq!(reply.unwrap().body, b"first");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    assert!(first_seen.await.unwrap()[0].starts_with("GET /f "));
    assert!(
        !second_seen.is_finished(),
        "nobody called where the name leads now"
    );
}

#[tokio::test]
async fn a_name_that_was_global_when_checked_never_leads_to_this_machine() {
    let (inner, seen) = partner(vec![says("inner")]).await;
    let inner = inner.trim_start_matches("http://").to_owned();
    let port = inner.rsplit(':').next().unwrap();
    // An address of the world that nobody here reaches: what is checked is called, and does not answer.
    let resolver = scripted(&[&[&format!("1.1.1.1:{port}")], &[&inner]]);
    let outside = PublicHttp {
        call_timeout: Duration::from_millis(300),
        ..outside(Profile::Production, resolver.clone())
    };
    let reply = outside
        .get(&format!("https://rebound.example:{port}/f"), 10)
        .await;
    assert!(matches!(reply, Err(Refusal::Unanswered(_))), "{reply:?}");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    assert!(!seen.is_finished(), "this machine was called");
}

#[tokio::test]
async fn redirects_are_answers() {
    let (inner, inner_seen) = partner(vec![says("inner")]).await;
    let location = format!("location: {inner}/secret\r\n");
    let (base, seen) = partner(vec![Box::new(move |_| answer(302, &location, ""))]).await;
    let reply = PublicHttp::new(Profile::Test, Duration::from_secs(2))
        .get(&format!("{base}/f"), 10)
        .await
        .unwrap();
    assert_eq!((reply.status, reply.body.len()), (302, 0));
    assert_eq!(seen.await.unwrap().len(), 1);
    assert!(!inner_seen.is_finished());
}

#[tokio::test]
async fn answers_have_a_size_and_a_time() {
    let (base, _seen) = partner(vec![
        says("12345"),
        says("123456"),
        Box::new(|_| Reaction::Silence),
    ])
    .await;
    let outside = PublicHttp::new(Profile::Test, Duration::from_millis(500));
    let address = format!("{base}/f?token=hidden");
    assert_eq!(outside.get(&address, 5).await.unwrap().body, b"12345");
    for why in ["more than 5 bytes", "in time"] {
        let refusal = outside.get(&address, 5).await.unwrap_err().to_string();
        assert!(refusal.contains(why), "{refusal}");
        assert!(!refusal.contains("hidden"), "{refusal}");
    }
}
