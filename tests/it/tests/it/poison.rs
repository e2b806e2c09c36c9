//! Messages that nobody can take: they harm nobody but themselves.

use anyhow::Result;
use domain::identity::Role;
use it::{App, with_app};
use serde_json::{Value, json};
use simulators::gateway::COMMON;
use stack::random_hex;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use transport::{Intake, Network, RawMessage};

/// More than a row of an index holds, and not to be compressed.
fn long() -> String {
    random_hex(4500)
}

fn message(command: &str, body: Value) -> Vec<u8> {
    json!({ "command": command, "body": body })
        .to_string()
        .into_bytes()
}

/// Messages that end as dead letters, for a robot R-1 and its group G-1.
fn poison() -> Vec<Vec<u8>> {
    let friend = |user: &str| json!({"robot_id": "R-1", "user_id": user});
    let said = |no: u8, number: &str| {
        let body = format!(r#"{{"group_id":"G-1","user_id":"U-1","message_no":"M-{no}","type":{number}}}"#);
        format!(r#"{{"command":"group_message","body":{body}}}"#).into_bytes()
    };
    vec![
        message("from_the_future", json!({ "group_id": long() })),
        message("from_the_future", json!([{ "robot_id": long() }])),
        message(&long(), json!({})),
        message("robot_added", friend(&long())),
        message("robot_added", friend("U\0")),
        message(
            "group_message",
            json!({"group_id": "G-1", "user_id": "U-1", "message_no": long()}),
        ),
        message(
            "abnormal_robot_replaced",
            json!({"replace_robot_id": "R-1", "qrcode": long()}),
        ),
        message("group_info", json!({"id": "G-1", "admin_user_id": long()})),
        message("cursed", json!({})),
        // Numbers that jsonb cannot hold.
        said(1, "1e999999"),
        said(2, &"9".repeat(200_000)),
        vec![0; 300],
        vec![0xff; 70_000],
        b"[".repeat(100_000),
        message("from_the_future", json!({ "x": "y".repeat(3 << 20) })),
    ]
}

/// PostgreSQL refuses rows of this command for a reason that nobody could have foreseen.
async fn curse(app: &App) -> Result<()> {
    app.execute(
        "CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cursed'; END $$",
    )
    .await?;
    app.execute(
        "CREATE TRIGGER curse BEFORE INSERT ON inbox_messages FOR EACH ROW WHEN (NEW.command = 'cursed')
         EXECUTE FUNCTION curse()",
    )
    .await
}

async fn eventually(app: &App, sql: &str, expected: &[&str]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let rows = app.rows(sql).await?;
        if rows == expected {
            return Ok(());
        }
        if Instant::now() > deadline {
            let inbox = "SELECT left(command, 30), state, left(outcome, 200) FROM inbox_messages ORDER BY id";
            assert_eq!(rows, expected, "{:#?}", app.rows(inbox).await?);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_arrives_the_next_good_message_takes_effect() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        curse(app).await?;
        app.execute("DELETE FROM inbox_messages").await?;

        let stop = CancellationToken::new();
        let transports = app.outside.transports.clone();
        let consumers = tokio::spawn(scheduler::consumers::run(app.context.clone(), transports, stop.clone()));
        let poison = poison();
        for body in &poison {
            app.simulator.inject_raw(COMMON, None, body.clone()).await?;
        }
        let good = json!({"robot_id": "R-1", "user_id": "U-2", "nickname": "a\0b"});
        app.simulator.event("robot_added", good).await?;
        eventually(app, "SELECT nickname FROM users WHERE code = 'U-2'", &["(ab)"]).await?;
        let dead = format!("({})", poison.len());
        eventually(app, "SELECT count(*) FROM inbox_messages WHERE state = 'dead'", &[&dead]).await?;
        let unreasonable = "SELECT command FROM inbox_messages WHERE state = 'dead' AND coalesce(outcome, '') = ''";
        assert_eq!(app.rows(unreasonable).await?, [""; 0]);
        let largest = "SELECT max(octet_length(body)), max(full_size) > 3 << 20 FROM inbox_messages WHERE full_size IS NOT NULL";
        assert_eq!(app.rows(largest).await?, ["(65536,t)"]);

        // People can look at them and put them back in line; what cannot be handled is dead again.
        let operator = app.console(Role::Admin).await?;
        let list = operator.get("/api/console/dead-letters?page_size=200").await?;
        assert_eq!(list.outcome(), (200, 1200), "{}", list.body["msg"]);
        let letters = list.data().as_array().cloned().unwrap_or_default();
        assert_eq!(letters.len(), poison.len());
        assert!(list.body.to_string().len() < 1 << 20);
        let sizes: Vec<u64> = letters.iter().rev().filter_map(|letter| letter["size"].as_u64()).collect();
        let sent: Vec<u64> = poison.iter().map(|body| body.len() as u64).collect();
        assert_eq!(sizes, sent);
        let ids: Vec<&Value> = letters.iter().map(|letter| &letter["id"]).collect();
        let replayed = operator.post("/api/console/dead-letters/replay", json!({ "ids": ids })).await?;
        assert_eq!(replayed.data()["ids"].as_array().map(Vec::len), Some(poison.len()));
        app.simulator.event("robot_added", json!({"robot_id": "R-1", "user_id": "U-3"})).await?;
        eventually(app, "SELECT code FROM users WHERE code = 'U-3'", &["(U-3)"]).await?;
        // The row that PostgreSQL refused by itself, and two commands that we know nothing of, can be kept after all.
        let dead = format!("({})", poison.len() - 3);
        eventually(app, "SELECT count(*) FROM inbox_messages WHERE state = 'dead'", &[&dead]).await?;
        eventually(app, "SELECT count(*) FROM inbox_messages WHERE state = 'pending'", &["(0)"]).await?;
        stop.cancel();
        consumers.await?;
        for queue in &app.context.config.gateway.queues {
            assert_eq!(app.gateway.depth(queue).await?, 0, "{queue} is acknowledged");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_large_messages_are_filed_a_few_at_a_time() {
    with_app(async |app| {
        let body = |number: usize| {
            message(
                "from_the_future",
                json!({ "n": number, "x": "y".repeat(300_000) }),
            )
        };
        let raws: Vec<RawMessage> = (0..60)
            .map(|number| RawMessage {
                message_id: None,
                body: body(number),
            })
            .collect();
        let gateway = app.outside.transports.to(&Network::gateway())?;
        Intake::new(app.context.clone())
            .receive(gateway.as_ref(), &raws)
            .await?;
        let transactions = "SELECT count(*), count(DISTINCT xmin::text) > 4 FROM inbox_messages";
        assert_eq!(app.rows(transactions).await?, ["(60,t)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_cannot_be_true_do_not_count() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        for (user, time) in [
            ("N-1", "2062-01-01 00:00:00"),
            ("N-2", "292277026596"),
            ("N-3", "+262142-12-31T23:59:59Z"),
            ("N-4", "1971-01-01 00:00:00"),
            ("N-5", "2026-11-20 23:00:00"),
        ] {
            let join = json!({"group_id": "G-1", "user_id": user, "join_time": time});
            app.happens("join_group", join).await?;
            let words = json!({"group_id": "G-1", "user_id": user, "send_time": time, "content": "hi"});
            app.happens("group_message", words).await?;
        }
        let days = "SELECT day, joined FROM group_day_counts ORDER BY day";
        assert_eq!(app.rows(days).await?, ["(2026-11-20,1)", "(2026-11-21,4)"]);
        let years = "SELECT extract(year FROM sent_at), count(*) FROM group_messages GROUP BY 1";
        assert_eq!(app.rows(years).await?, ["(2026,5)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_only_on_commit_is_dead_and_its_lane_goes_on() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.execute(
            "CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION USING ERRCODE = '22003', MESSAGE = 'cursed'; END $$",
        )
        .await?;
        app.execute(
            "CREATE CONSTRAINT TRIGGER curse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (NEW.nickname = 'cursed') EXECUTE FUNCTION curse()",
        )
        .await?;
        for nickname in ["cursed", "blessed"] {
            let friend = json!({"robot_id": "R-1", "user_id": "U-1", "nickname": nickname});
            app.simulator.event("robot_added", friend).await?;
        }
        app.drain().await?;
        let fates = "SELECT state, attempts, outcome LIKE '%cursed%' FROM inbox_messages ORDER BY id";
        assert_eq!(app.rows(fates).await?, ["(dead,1,t)", "(done,0,f)"]);
        assert_eq!(app.rows("SELECT nickname FROM users").await?, ["(blessed)"]);
        Ok(())
    })
    .await;
}
