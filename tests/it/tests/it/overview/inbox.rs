//! What waits for a decision: everybody sees how much, and each how much of it is theirs.

use crate::withdrawal::{Saver, decide, reply};
use anyhow::Result;
use domain::identity::Role;
use it::{App, Client, with_app};
use reqwest::Method;
use serde_json::{Value, json};

async fn inbox(operator: &Client) -> Result<Value> {
    let reply = operator.get("/api/console/inbox").await?;
    assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
    Ok(reply.data().clone())
}

/// Total, then (waiting, open to me) of withdrawals and corrections.
async fn counts(operator: &Client) -> Result<[i64; 5]> {
    let data = inbox(operator).await?;
    let count = |pointer: &str| data.pointer(pointer).and_then(Value::as_i64).unwrap_or(-1);
    Ok([
        count("/total"),
        count("/withdrawals/waiting"),
        count("/withdrawals/open_to_me"),
        count("/corrections/waiting"),
        count("/corrections/open_to_me"),
    ])
}

async fn propose(app: &App, operator: &Client) -> Result<()> {
    let saver = Saver::with(app, 0).await?;
    let order =
        json!({"user_id": saver.id.to_string(), "account": "payouts", "amount": "200.01", "reason": "lost"});
    let request = operator.request(Method::POST, "/api/console/ledger/corrections");
    let proposed = reply(request.header("idempotency-key", "key").json(&order)).await?;
    assert_eq!(proposed.data()["state"], "proposed", "{proposed:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_their_own_as_open_to_them() {
    with_app(async |app| {
        let (first, second) = (
            app.console(Role::Finance).await?,
            app.console(Role::Finance).await?,
        );
        let (support, viewer) = (
            app.console(Role::Support).await?,
            app.console(Role::Viewer).await?,
        );
        assert_eq!(counts(&first).await?, [0; 5]);
        let large = Saver::with(app, 100_000).await?.withdraws("500.00").await?;
        Saver::with(app, 100_000).await?.withdraws("20.00").await?;
        assert_eq!(counts(&first).await?, [2, 2, 2, 0, 0]);
        decide(&first, &large, "approve").await?;
        propose(app, &first).await?;
        assert_eq!(counts(&first).await?, [1, 2, 1, 1, 0]);
        assert_eq!(counts(&second).await?, [3, 2, 2, 1, 1]);
        for other in [&support, &viewer] {
            assert_eq!(counts(other).await?, [0, 2, 0, 1, 0]);
        }
        let data = inbox(&viewer).await?;
        assert_eq!(data["withdrawals"]["amount"], "520.00");
        assert!(data["corrections"]["oldest_at"].is_string() && data["withdrawals"]["oldest_at"].is_string());
        assert_eq!(
            app.anonymous().get("/api/console/inbox").await?.outcome(),
            (401, 1401)
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_waits_for_those_who_may_handle_it() {
    with_app(async |app| {
        app.simulator.event("robot_added", json!({})).await?;
        app.drain().await?;
        app.execute(
            "INSERT INTO outbox (id, destination, topic, lane, payload, state, next_attempt_at, created_at)
             SELECT gen_random_uuid(), 'robot', 't', 'l' || n, '{}', state, '2026-11-22Z', '2026-11-21Z'
             FROM (VALUES (1, 'pending'), (2, 'failed'), (3, 'unknown'), (4, 'unknown')) AS new (n, state)",
        )
        .await?;
        app.execute(
            "INSERT INTO job_runs (job, business_date, state, created_at)
             VALUES ('check_ledger', '2026-11-20', 'failed', '2026-11-20Z')",
        )
        .await?;
        let finance = app.console(Role::Finance).await?;
        let pause = json!({"reason": "a look first"});
        assert_eq!(
            finance.post("/api/console/payouts/pause", pause).await?.code(),
            1200
        );
        for (role, total) in [
            (Role::Admin, 4),
            (Role::Support, 4),
            (Role::Finance, 0),
            (Role::Viewer, 0),
        ] {
            let data = inbox(&app.console(role).await?).await?;
            assert_eq!(data["total"], total, "{role}");
            assert_eq!(data["dead_letters"]["count"], 1);
            assert!(data["dead_letters"]["oldest_at"].is_string());
            assert_eq!(
                (&data["outbox_failed"], &data["outbox_unknown"]),
                (&json!(1), &json!(2))
            );
            assert_eq!(data["jobs_failed"], 1);
            assert!(data["dates_missed"].as_i64() >= Some(1), "{data}");
            assert_eq!(
                (&data["ledger_clean"], &data["payouts_running"]),
                (&json!(true), &json!(false))
            );
        }
        Ok(())
    })
    .await;
}
