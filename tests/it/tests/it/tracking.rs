//! Events for others: two queues that do not share, and a broker that may go away.

use anyhow::Result;
use chrono::TimeDelta;
use deadpool_redis::redis;
use domain::identity::UserRegistered;
use domain::tracking::{EventName, announce};
use it::{App, with_app, with_app_configured};
use kernel::id::UserId;
use kernel::outbox::{self, Destination, Message};
use kernel::telemetry;
use scheduler::relay;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const PAGE: &str = "queue.pet.point.web";
const BI: &str = "bi.console.gpet.queue";
/// Announces this many users in one transaction; answers their ids.
async fn register(app: &App, count: usize) -> Result<BTreeSet<String>> {
    let users: Vec<UserId> = (0..count).map(|_| UserId::new()).collect();
    let events: Vec<UserRegistered> = users.iter().map(|user| UserRegistered { user: *user }).collect();
    let txn = app.context.db.begin().await?;
    announce(&txn, app.context.clock.now(), &events).await?;
    txn.commit().await?;
    Ok(users.iter().map(ToString::to_string).collect())
}

/// Whom these messages are about. At least once is allowed, so copies count once.
fn users(messages: &[it::Message]) -> Result<BTreeSet<String>> {
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
async fn business_events_are_for_bi_alone() {
    with_app(async |app| {
        let registered = register(app, 40).await?;
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 40);
        assert_eq!((app.bi.depth(PAGE).await?, app.bi.depth(BI).await?), (0, 40));
        let read = app.bi.take(BI).await?;
        assert_eq!(users(&read)?, registered);
        let ids: HashSet<_> = read.iter().filter_map(|message| message.id.clone()).collect();
        assert_eq!(ids.len(), 40, "every event has a message id");
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 0);
        assert_eq!(app.bi.depth(BI).await?, 0, "nothing is sent again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_queue_wants_waits_for_nobody() {
    with_app(async |app| {
        let nobody = Message::new(Destination::Event, "nobody.listens", "nobody", &json!({}))?;
        outbox::push(app.context.db.autocommit(), app.context.clock.now(), vec![nobody]).await?;
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 1);
        assert_eq!((app.bi.depth(PAGE).await?, app.bi.depth(BI).await?), (0, 0));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bindings_of_earlier_versions_go() {
    with_app(async |app| {
        app.bi
            .bind(&app.context.config.mq.exchange, &[(PAGE, "#"), (BI, "#")])
            .await?;
        register(app, 1).await?;
        relay::drain(&app.context, &app.outside).await?;
        let bound = app.bi.bindings(&app.context.config.mq.exchange).await?;
        let mut expected = vec![(PAGE, PAGE), (BI, PAGE)];
        expected.extend(EventName::ALL.map(|event| (BI, event.name())));
        let expected = expected
            .into_iter()
            .map(|(queue, key)| (queue.to_owned(), key.to_owned()));
        assert_eq!(bound, expected.collect::<BTreeSet<_>>());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_limits_a_queue_that_is_declared_bare() {
    with_app(async |app| {
        let policy = stack::Policy {
            name: "short",
            pattern: stack::POLICIES[1].pattern,
            definition: r#"{"max-length":5,"overflow":"drop-head"}"#,
        };
        app.bi.limit(&policy).await?;
        register(app, 10).await?;
        assert_eq!(
            relay::drain(&app.context, &app.outside).await?,
            10,
            "all are confirmed"
        );
        // What is beyond the limit goes a moment after its confirm.
        let deadline = Instant::now() + Duration::from_secs(20);
        while app.bi.depth(BI).await? != 5 {
            assert!(Instant::now() < deadline, "{}", app.bi.depth(BI).await?);
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_depth_of_a_queue_is_a_gauge() {
    // A name of its own: gauges belong to a process, and tests may share one.
    let queue = "bi.depth.measured";
    with_app_configured(
        |config| config.mq.bi_queue = queue.to_owned(),
        async |app| {
            telemetry::start(&app.context.config.log)?;
            register(app, 40).await?;
            relay::drain(&app.context, &app.outside).await?;
            let stop = CancellationToken::new();
            let relay = relay::run(app.context.clone(), app.outside.clone(), stop.clone());
            let relay = tokio::spawn(relay);
            let expected = format!("gpet_queue_depth{{queue=\"{queue}\"}} 40");
            let deadline = Instant::now() + Duration::from_secs(20);
            while !telemetry::render_metrics().contains(&expected) {
                assert!(Instant::now() < deadline, "{}", telemetry::render_metrics());
                sleep(Duration::from_millis(50)).await;
            }
            stop.cancel();
            Ok(relay.await?)
        },
    )
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
        assert_eq!(users(&app.bi.take(BI).await?)?, &first | &second);
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
        assert_eq!(users(&app.bi.take(BI).await?)?, &first | &second);
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
        app.execute(
            "WITH ann AS (INSERT INTO users (id, code, created_at, updated_at) VALUES (gen_random_uuid(), 'U-ann', '2026-11-01Z', '2026-11-01Z') RETURNING id),
                  wallet AS (INSERT INTO accounts (user_id) SELECT id FROM ann)
             INSERT INTO link_token_uses (token_id, user_id, used_at)
             SELECT gen_random_uuid(), ann.id, used_at FROM ann, (VALUES ('2026-11-13T00:00:00Z'::timestamptz), ('2026-11-20T00:00:00Z')) AS uses (used_at)",
        )
        .await?;
        let done = app.run_job("flush_activity", "2026-11-20").await?;
        assert_eq!(done["link_uses_pruned"], 1, "{done}");
        assert_eq!(app.rows("SELECT count(*) FROM link_token_uses").await?, ["(1)"]);
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

/// The day's hash of what users did, as others read it.
async fn mirrored(app: &App) -> Result<BTreeMap<String, Value>> {
    let key = format!("GPET:USER_OPT_{}", app.context.clock.today());
    let found: BTreeMap<String, String> = app.context.cache.run(redis::cmd("HGETALL").arg(&key)).await?;
    let lives: i64 = app.context.cache.run(redis::cmd("TTL").arg(&key)).await?;
    assert!(
        found.is_empty() || (172_000..=172_800).contains(&lives),
        "{lives} seconds"
    );
    let parsed = found
        .into_iter()
        .map(|(user, counts)| Ok((user, serde_json::from_str(&counts)?)));
    parsed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_users_do_is_mirrored_and_the_mirror_made_again() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let mut users = Vec::new();
        for name in ["ann", "bob"] {
            users.push(app.befriends(name, "R-1").await?.to_string());
            app.execute(&format!("UPDATE users SET union_id = 'union-{name}' WHERE code = '{name}'"))
                .await?;
        }
        assert_eq!(mirrored(app).await?, BTreeMap::new());
        let visit = async |name: &str| app.anonymous().get(&format!("/page/access?_a1=union-{name}")).await;
        for name in ["ann", "ann", "bob", "nobody"] {
            assert_eq!(visit(name).await?.outcome(), (200, 1200));
        }
        let said = json!({"robot_id": "R-1", "user_id": "ann", "send_time": "2026-11-21T10:00:00", "type": 3, "content": "hello"});
        app.happens("private_message", said).await?;
        let counts = |pages: i64, chats: i64| json!({"access_web_counts": pages, "chat_counts": chats});
        let expected = |ann: Value, bob: Value| BTreeMap::from([(users[0].clone(), ann), (users[1].clone(), bob)]);
        assert_eq!(mirrored(app).await?, expected(counts(2, 1), counts(1, 0)));

        app.context.cache.run::<()>(&redis::cmd("FLUSHDB")).await?;
        assert_eq!(visit("bob").await?.outcome(), (200, 1200));
        // What else was lost is made again behind the answer.
        let deadline = Instant::now() + Duration::from_secs(20);
        while mirrored(app).await? != expected(counts(2, 1), counts(2, 0)) {
            assert!(Instant::now() < deadline, "{:?}", mirrored(app).await?);
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    })
    .await;
}
