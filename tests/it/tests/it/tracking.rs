//! Events for others: two queues that do not share, and a broker that may go away.

use anyhow::Result;
use chrono::TimeDelta;
use domain::tracking::{BusinessEvent, announce};
use it::{App, Message, with_app};
use kernel::id::UserId;
use scheduler::relay;
use serde_json::json;
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const PAGE: &str = "queue.pet.point.web";
const BI: &str = "bi.console.gpet.queue";

/// Announces this many users in one transaction; answers their ids.
async fn register(app: &App, count: usize) -> Result<BTreeSet<String>> {
    let users: Vec<UserId> = (0..count).map(|_| UserId::new()).collect();
    let events = users
        .iter()
        .map(|user| BusinessEvent::UserRegistered { user: *user })
        .collect();
    let txn = app.context.db.begin().await?;
    announce(&txn, app.context.clock.now(), events).await?;
    txn.commit().await?;
    Ok(users.iter().map(ToString::to_string).collect())
}

/// Whom these messages are about. At least once is allowed, so copies count once.
fn users(messages: &[Message]) -> Result<BTreeSet<String>> {
    let mut users = BTreeSet::new();
    for message in messages {
        let json = message.json()?;
        assert_eq!(json["command"], "user_registered");
        users.insert(json["body"]["user"].as_str().unwrap_or_default().to_owned());
    }
    Ok(users)
}

async fn pending(app: &App) -> Result<Option<i64>> {
    app.scalar("SELECT count(*) FROM outbox WHERE state = 'pending'", [])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reader_has_a_copy_of_everything() {
    with_app(async |app| {
        let registered = register(app, 40).await?;
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 40);
        assert_eq!((app.bi.depth(PAGE).await?, app.bi.depth(BI).await?), (40, 40));
        let read = app.bi.take(BI).await?;
        assert_eq!(users(&read)?, registered);
        assert_eq!(
            (app.bi.depth(PAGE).await?, app.bi.depth(BI).await?),
            (40, 0),
            "the other reader's is untouched"
        );
        let ids: HashSet<_> = read.iter().filter_map(|message| message.id.clone()).collect();
        assert_eq!(ids.len(), 40, "every event has a message id");
        assert_eq!(users(&app.bi.take(PAGE).await?)?, registered);
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 0);
        assert_eq!(app.bi.depth(BI).await?, 0, "nothing is sent again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_gone_delays_and_loses_nothing() {
    with_app(async |app| {
        let first = register(app, 20).await?;
        app.bi.delete().await?;
        assert!(relay::drain(&app.context, &app.outside).await.is_err());
        assert_eq!(pending(app).await?, Some(20));
        let second = register(app, 20).await?;
        app.bi.create().await?;
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 40);
        for queue in [PAGE, BI] {
            assert_eq!(users(&app.bi.take(queue).await?)?, &first | &second, "{queue}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_is_asked_again_with_the_same_ids() {
    with_app(async |app| {
        let registered = register(app, 10).await?;
        app.bi.let_write(false).await?;
        // Declaring needs the right to write to the queues too, so whether it gets as far as publishing is the broker's affair.
        let refused = relay::drain(&app.context, &app.outside).await;
        assert!(matches!(refused, Err(_) | Ok(0)), "{refused:?}");
        assert_eq!(pending(app).await?, Some(10));
        app.bi.let_write(true).await?;
        app.later(TimeDelta::minutes(2));
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 10);
        let read = app.bi.take(BI).await?;
        assert_eq!(users(&read)?, registered);
        let ids: BTreeSet<String> = read.iter().filter_map(|message| message.id.clone()).collect();
        let stored = app.rows("SELECT id FROM outbox").await?;
        let stored: BTreeSet<String> = stored
            .iter()
            .map(|row| row.trim_matches(['(', ')']).to_owned())
            .collect();
        assert_eq!(ids, stored);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_relay_outlives_its_connection() {
    with_app(async |app| {
        let stop = CancellationToken::new();
        let relay = tokio::spawn(relay::run(app.context.clone(), app.outside.clone(), stop.clone()));
        let first = register(app, 100).await?;
        app.bi.break_connections("gpet relay").await?;
        let second = register(app, 100).await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while pending(app).await? != Some(0) {
            // The clock stands still for retries unless it is moved.
            app.later(TimeDelta::seconds(1));
            assert!(
                Instant::now() < deadline,
                "{:?}",
                app.rows("SELECT state, last_error FROM outbox LIMIT 3").await?
            );
            sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
        relay.await?;
        for queue in [PAGE, BI] {
            assert_eq!(users(&app.bi.take(queue).await?)?, &first | &second, "{queue}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_or_handled_a_week_ago_goes() {
    with_app(async |app| {
        let outbox = |topic: &str, state: &str, delivered: &str| {
            format!(
                "INSERT INTO outbox (id, destination, topic, lane, payload, state, next_attempt_at, created_at, delivered_at)
                 VALUES (gen_random_uuid(), 'event', '{topic}', '{topic}', '{{}}', '{state}', '2026-11-01Z', '2026-11-01Z', {delivered})"
            )
        };
        let inbox = |key: &str, state: &str, finished: &str| {
            format!(
                "INSERT INTO inbox_messages (transport, message_key, command, lane, body, state, next_attempt_at, received_at, finished_at)
                 VALUES ('t', '{key}', 'c', '{key}', '', '{state}', '2026-11-01Z', '2026-11-01Z', {finished})"
            )
        };
        // Now is ten in the morning of the 21st, Shanghai.
        let (old, new) = ("'2026-11-14T01:59:59Z'", "'2026-11-14T02:00:01Z'");
        for (name, state, at) in [
            ("old", "delivered", old),
            ("new", "delivered", new),
            ("failed", "failed", old),
            ("unknown", "unknown", old),
            ("awaited", "delivered", old),
        ] {
            app.execute(&outbox(name, state, at)).await?;
        }
        app.execute(
            "INSERT INTO delivery_tasks (task_id, task_type, content, received_at) VALUES ('T-1', 1, '{}', '2026-11-01Z')",
        )
        .await?;
        app.execute(
            "INSERT INTO delivery_results (task_id, group_code, state, updated_at) VALUES ('T-1', 'G-1', 'pending', '2026-11-01Z')",
        )
        .await?;
        app.execute(
            "INSERT INTO delivery_items (message_id, task_id, group_code) SELECT id, 'T-1', 'G-1' FROM outbox WHERE topic = 'awaited'",
        )
        .await?;
        for (name, state, at) in [
            ("old", "done", old),
            ("given up", "discarded", old),
            ("new", "done", new),
            ("dead", "dead", old),
            ("open", "pending", "NULL"),
        ] {
            app.execute(&inbox(name, state, at)).await?;
        }
        let done = app.run_job("flush_activity", "2026-11-20").await?;
        assert_eq!((&done["outbox_pruned"], &done["inbox_pruned"]), (&json!(1), &json!(2)), "{done}");
        let left = app.rows("SELECT topic FROM outbox ORDER BY 1").await?;
        assert_eq!(left, ["(awaited)", "(failed)", "(new)", "(unknown)"]);
        let left = app.rows("SELECT message_key FROM inbox_messages ORDER BY 1").await?;
        assert_eq!(left, ["(dead)", "(new)", "(open)"]);
        app.execute("DELETE FROM inbox_messages").await?;
        app.execute("DELETE FROM delivery_items").await
    })
    .await;
}
