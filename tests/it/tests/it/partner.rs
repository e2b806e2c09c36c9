//! What partners send: signed whole, once, now; and what pages tell goes to both readers.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use it::{App, Reply, with_app, with_app_configured};
use kernel::crypto;
use reqwest::Method;
use scheduler::relay;
use secrecy::ExposeSecret;
use serde_json::json;

const PAGE: &str = "queue.pet.point.web";
const BI: &str = "bi.console.gpet.queue";

/// A signed request, taken apart so that each part can be spoilt.
#[derive(Clone)]
struct Letter {
    path: String,
    timestamp: String,
    nonce: String,
    sign: String,
    body: Vec<u8>,
}

impl Letter {
    fn signed(app: &App, path: &str, body: Vec<u8>, at: DateTime<Utc>) -> Letter {
        let (timestamp, nonce) = (at.timestamp().to_string(), stack::random_hex(16));
        let mut message = format!("{timestamp}\n{nonce}\nPOST\n{path}\n").into_bytes();
        message.extend_from_slice(&body);
        let secret = app.context.config.partner.secret.expose_secret();
        Letter {
            path: path.to_owned(),
            sign: crypto::hmac_sha256_hex(secret.as_bytes(), &message),
            timestamp,
            nonce,
            body,
        }
    }

    async fn send(&self, app: &App) -> Result<Reply> {
        let request = app.anonymous().request(Method::POST, &self.path);
        let answer = request
            .header("content-type", "application/json")
            .header("x-gpet-timestamp", &self.timestamp)
            .header("x-gpet-nonce", &self.nonce)
            .header("x-gpet-sign", &self.sign)
            .body(self.body.clone())
            .send()
            .await?;
        Ok(Reply {
            status: answer.status().as_u16(),
            retry_after: None,
            body: answer.json().await?,
        })
    }
}

/// Everything a partner's word could change here.
async fn state(app: &App) -> Result<Vec<String>> {
    app.rows(
        "SELECT (SELECT string_agg(code || star, ',' ORDER BY code) FROM groups), (SELECT count(*) FROM ad_batches),
                (SELECT count(*) FROM ad_revenues), (SELECT count(*) FROM outbox)",
    )
    .await
}

/// A revenue and a rating of the one group there is.
async fn letters(app: &App) -> Result<[Letter; 2]> {
    app.robot("R-1").await?;
    app.befriends("U-1", "R-1").await?;
    app.pulls("U-1", "R-1", "G-1").await?;
    let now = app.context.clock.now();
    let star = json!({"command": "update_group_star", "data": [{"groupId": "G-1", "state": 1, "star": 5}]});
    let ads = json!({"settle_date": "2026-11-20", "data": {"G-1": "0.48"}});
    Ok([
        Letter::signed(app, "/settlement", ads.to_string().into_bytes(), now),
        Letter::signed(app, "/groups/star", star.to_string().into_bytes(), now),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn any_byte_changed_is_refused_and_changes_nothing() {
    with_app(async |app| {
        let letters = letters(app).await?;
        let before = state(app).await?;
        for letter in &letters {
            for place in [0, letter.body.len() / 2, letter.body.len() - 1] {
                let mut forged = letter.clone();
                forged.body[place] ^= 1;
                let reply = forged.send(app).await?;
                assert_eq!(reply.status, 401, "{} byte {place}: {reply:?}", letter.path);
            }
            let spoilt: [fn(&mut Letter); 4] = [
                |letter| letter.path.push_str("?more=1"),
                |letter| letter.nonce.replace_range(..1, "x"),
                |letter| letter.sign = "00".repeat(32),
                // It is a full minute.
                |letter| letter.timestamp.replace_range(9.., "1"),
            ];
            for (which, spoil) in spoilt.iter().enumerate() {
                let mut forged = letter.clone();
                spoil(&mut forged);
                let reply = forged.send(app).await?;
                assert_eq!(reply.status, 401, "{} part {which}: {reply:?}", letter.path);
            }
        }
        assert_eq!(state(app).await?, before);
        for letter in &letters {
            let reply = letter.send(app).await?;
            assert_eq!(reply.status, 200, "what nobody touched is taken: {reply:?}");
        }
        assert_ne!(state(app).await?, before);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_read_once_and_not_too_late() {
    with_app(async |app| {
        for letter in letters(app).await? {
            assert_eq!(letter.send(app).await?.status, 200);
            let after = state(app).await?;
            assert_eq!(letter.send(app).await?.status, 401, "replayed to {}", letter.path);
            app.later(TimeDelta::seconds(299));
            assert_eq!(
                letter.send(app).await?.status,
                401,
                "replayed later to {}",
                letter.path
            );
            app.later(TimeDelta::seconds(-299));
            assert_eq!(state(app).await?, after);
        }
        let (now, body) = (
            app.context.clock.now(),
            br#"{"settle_date":"2026-11-19","data":{"G-1":1}}"#.to_vec(),
        );
        let before = state(app).await?;
        for seconds in [-301, 301] {
            let stale = Letter::signed(
                app,
                "/settlement",
                body.clone(),
                now + TimeDelta::seconds(seconds),
            );
            assert_eq!(stale.send(app).await?.outcome(), (401, 1401), "{seconds}");
        }
        assert_eq!(state(app).await?, before);
        let late = Letter::signed(app, "/settlement", body, now - TimeDelta::seconds(300));
        assert_eq!(late.send(app).await?.outcome(), (200, 1200));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_without_a_user_does_not_fill_the_outbox() {
    let patient = |config: &mut kernel::config::Config| {
        config.tracking.accesses_per_second = 10_000;
        config.tracking.anonymous_per_minute = 50;
    };
    with_app_configured(patient, async |app| {
        let (_, _) = crate::identity::wechat(app, "union-ann", "open-ann").await?;
        let pages = "SELECT count(*) FROM outbox WHERE lane LIKE 'page:%'";
        for _ in 0..50 {
            let taken = app.anonymous().get("/page/access?p=home").await?;
            assert_eq!(taken.outcome(), (200, 1200));
        }
        for query in ["p=home", "_a1=&p=home", "_a1=union-ann&_a1="] {
            let refused = app.anonymous().get(&format!("/page/access?{query}")).await?;
            assert_eq!(refused.outcome(), (429, 1429), "{query}");
            assert!(
                refused
                    .retry_after
                    .is_some_and(|seconds| (1..=60).contains(&seconds)),
                "{refused:?}"
            );
        }
        assert_eq!(app.scalar(pages, []).await?, Some(50_i64));
        let known = app.anonymous().get("/page/access?_a1=union-ann&p=home").await?;
        assert_eq!(known.outcome(), (200, 1200), "who is known is not held to it");
        assert_eq!(app.scalar(pages, []).await?, Some(51_i64));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_events_wait_in_bounds_and_business_events_without() {
    let small = |config: &mut kernel::config::Config| config.tracking.waiting_limit = 5;
    with_app_configured(small, async |app| {
        let (_, _) = crate::identity::wechat(app, "union-ann", "open-ann").await?;
        app.drain().await?;
        let look = async |query: &str| app.anonymous().get(&format!("/page/access?p=home{query}")).await;
        for _ in 0..8 {
            assert_eq!(look("").await?.outcome(), (200, 1200));
        }
        assert_eq!(look("&_a1=union-ann").await?.outcome(), (200, 1200));
        let pages = "SELECT count(*) FROM outbox WHERE lane LIKE 'page:%' AND state = 'pending'";
        assert_eq!(app.scalar(pages, []).await?, Some(5_i64));
        let seen: Option<i64> = app
            .scalar("SELECT sum(access_web_counts)::bigint FROM activity_records", [])
            .await?;
        assert_eq!(seen, Some(1), "who was here is counted all the same");
        let txn = app.context.db.begin().await?;
        let user = kernel::id::UserId::new();
        let event = domain::identity::UserRegistered { user };
        domain::tracking::announce(&txn, app.context.clock.now(), &[event]).await?;
        txn.commit().await?;
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 6);
        // What this process counted last is a second old at most.
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        while app.scalar(pages, []).await? != Some(1_i64) {
            assert!(tokio::time::Instant::now() < deadline, "there is room again");
            look("").await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_access_reaches_both_readers() {
    with_app(async |app| {
        let (_, _) = crate::identity::wechat(app, "union-ann", "open-ann").await?;
        app.drain().await?;
        for queue in [PAGE, BI] {
            app.bi.take(queue).await?;
        }
        for page in ["home", "group", "wallet"] {
            let reply = app
                .anonymous()
                .get(&format!("/page/access?_a1=union-ann&page={page}"))
                .await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
        }
        let unknown = app.anonymous().get("/page/access?_a1=nobody&page=home").await?;
        assert_eq!(unknown.outcome(), (200, 1200), "{unknown:?}");
        relay::drain(&app.context, &app.outside).await?;
        assert_eq!((app.bi.depth(PAGE).await?, app.bi.depth(BI).await?), (3, 3));
        let read = app.bi.take(PAGE).await?;
        assert_eq!((app.bi.depth(PAGE).await?, app.bi.depth(BI).await?), (0, 3));
        let also = app.bi.take(BI).await?;
        let bodies =
            |messages: &[it::Message]| messages.iter().map(it::Message::json).collect::<Result<Vec<_>>>();
        let (read, also) = (bodies(&read)?, bodies(&also)?);
        assert_eq!(read, also, "both read the same");
        for page in ["home", "group", "wallet"] {
            assert!(
                read.iter().any(|message| message.to_string().contains(page)),
                "{page} is missing in {read:?}"
            );
        }
        Ok(())
    })
    .await;
}
