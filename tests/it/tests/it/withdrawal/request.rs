//! Requests: who may have how much, and each only once.

use super::{Saver, money, reply};
use anyhow::Result;
use chrono::TimeDelta;
use futures::future::try_join_all;
use it::{App, with_app};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_first_thing_that_is_wrong() {
    with_app(async |app| {
        // Half of the month's money went out yesterday and something today; now everything is wrong at once.
        app.later(TimeDelta::days(-1));
        let mut saver = Saver::with(app, 70_000).await?;
        let yesterday = saver.asks("500.00", "yesterday").await?;
        app.later(TimeDelta::days(1));
        saver.caller = app.h5(saver.id)?;
        let today = saver.asks("200.00", "today").await?;
        assert_eq!(
            (yesterday.code(), today.code()),
            (1200, 1200),
            "{yesterday:?} {today:?}"
        );
        set(app, &saver, "status = 2, phone = NULL").await?;

        assert_eq!(
            saver.asks("201.00", "k").await?.outcome(),
            (400, 1403),
            "not an amount on offer"
        );
        assert_eq!(saver.asks("200.00", "k").await?.code(), 3002);
        saver.earns(app, 20_000).await?;
        assert_eq!(saver.asks("200.00", "k").await?.code(), 2001);
        set(app, &saver, "phone = '13800000000'").await?;
        assert_eq!(saver.asks("200.00", "k").await?.code(), 3004);
        set(app, &saver, "status = 1").await?;
        assert_eq!(saver.asks("200.00", "k").await?.code(), 2002);
        let card = json!({"name": "安娜", "id_number": "11010519491231002X"});
        let filed = saver.caller.put("/api/h5/me/id-card", card).await?;
        assert_eq!(filed.code(), 1200, "{filed:?}");
        assert_eq!(saver.asks("200.00", "k").await?.code(), 3003);
        assert_eq!(saver.wallet(app).await?, money("200.00", "700.00"));
        app.later(TimeDelta::days(1));
        saver.caller = app.h5(saver.id)?;
        assert_eq!(
            saver.asks("200.00", "k").await?.code(),
            1200,
            "a refusal uses up no key"
        );
        Ok(())
    })
    .await;
}

async fn set(app: &App, saver: &Saver, what: &str) -> Result<()> {
    app.execute(&format!("UPDATE users SET {what} WHERE id = '{}'", saver.id))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_request() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        let keyless = saver
            .caller
            .post("/api/h5/withdrawals", json!({"amount": "20.00"}))
            .await?;
        assert_eq!(keyless.outcome(), (400, 1403), "{keyless:?}");
        assert_eq!(saver.wallet(app).await?, money("100.00", "0.00"));
        let first = saver.asks("20.00", "key").await?;
        assert_eq!(first.outcome(), (200, 1200), "{first:?}");
        let again = saver.asks("20.00", "key").await?;
        assert_eq!(again.data(), first.data());
        let other = saver.asks("50.00", "key").await?;
        assert_eq!(other.outcome(), (400, 1403), "{other:?}");
        assert_eq!(saver.wallet(app).await?, money("80.00", "20.00"));

        let stranger = Saver::with(app, 10_000).await?;
        let theirs = stranger.asks("20.00", "key").await?;
        assert_ne!(
            theirs.data()["id"],
            first.data()["id"],
            "keys are each caller's own"
        );
        let id = first.data()["id"].as_str().unwrap_or_default();
        let looked = stranger.caller.get(&format!("/api/h5/withdrawals/{id}")).await?;
        assert_eq!(looked.outcome(), (404, 1404));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_with_one_key_are_one() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        let replies = try_join_all((0..50).map(|_| saver.asks("20.00", "same"))).await?;
        for reply in &replies {
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
            assert_eq!(reply.data(), replies[0].data());
        }
        assert_eq!(saver.wallet(app).await?, money("80.00", "20.00"));
        assert_eq!(
            app.rows("SELECT count(*), sum(amount) FROM withdrawals").await?,
            ["(1,20.00)"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_never_go_below_zero() {
    with_app(async |app| {
        let saver = Saver::with(app, 150).await?;
        let keys: Vec<String> = (0..100).map(|number| format!("key {number}")).collect();
        let replies = try_join_all(keys.iter().map(|key| saver.asks("1.00", key))).await?;
        let mut codes: BTreeMap<i64, usize> = BTreeMap::new();
        for reply in &replies {
            *codes.entry(reply.code()).or_default() += 1;
        }
        assert_eq!(codes, [(1200, 1), (3002, 99)].into());
        assert_eq!(saver.wallet(app).await?, money("0.50", "1.00"));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_is_not_offered_moves_nothing() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        for amount in [
            json!("-20.00"),
            json!("2e1"),
            json!("20.001"),
            json!(0),
            json!(20),
            json!(20.00),
            json!([]),
            Value::Null,
        ] {
            let request = saver.caller.request(Method::POST, "/api/h5/withdrawals");
            let request = request
                .header("idempotency-key", "k")
                .json(&json!({ "amount": amount }));
            let refused = reply(request).await?;
            assert_eq!(refused.outcome(), (400, 1403), "{amount}");
            let words = refused.body["msg"].as_str().unwrap_or_default();
            assert!(words.contains("amount"), "{amount}: {words}");
        }
        assert_eq!(saver.wallet(app).await?, money("100.00", "0.00"));
        Ok(())
    })
    .await;
}
