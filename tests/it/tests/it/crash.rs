//! Killed in the middle: PostgreSQL before and under the robot events, the scheduler under a settlement. On servers of their own.

use anyhow::{Context as _, Result, ensure};
use chrono::{NaiveTime, TimeDelta};
use futures::future::{join_all, try_join_all};
use it::campaign::built;
use it::world::{Outcome, load, outcome};
use it::{Stores, fixture, with_stores_on};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use scheduler::consumers::worker;
use serde_json::{Value, json};
use stack::{OwnedCommand, Process, Stack, random_hex};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use transport::{Intake, Network, RawMessage};

const SEED_7: &str = include_str!("../../worlds/seed_7.json");
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// People who join the group.
const JOINING: i64 = 300;

/// Servers in a folder of their own.
async fn servers() -> Result<(Stack, PathBuf)> {
    let servers = stack::provision::provision(&|line| eprintln!("{line}")).await?;
    let dir = std::env::temp_dir().join(format!("gpet-crash-{}", random_hex(6)));
    let stack = Stack::start(&dir, &servers, stack::Options::small()).await?;
    Ok((stack, dir))
}

async fn count(context: &Context, sql: &str) -> Result<i64> {
    Ok(db::fetch_scalar(context.db.autocommit(), sql, [])
        .await?
        .unwrap_or_default())
}

/// Tries until it works; what is refused meanwhile is refused by connections that died with the server.
async fn insist<T, E: std::fmt::Debug>(attempt: impl AsyncFn() -> Result<T, E>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => ensure!(Instant::now() < deadline, "still refused: {error:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn message(command: &str, id: &str, body: Value) -> RawMessage {
    RawMessage {
        message_id: Some(id.to_owned()),
        body: json!({"command": command, "body": body}).to_string().into_bytes(),
    }
}

/// A group comes to be, and people join it.
fn messages() -> Vec<RawMessage> {
    let pair = json!({"robot_id": "R-1", "user_id": "U-1", "nickname": "Ann"});
    let group = json!({"group_id": "G-1", "robot_id": "R-1", "user_id": "U-1", "name": "Mums"});
    let mut messages = vec![
        message("robot_added", "added", pair),
        message("wait_for_bind", "pulled", group.clone()),
        message("bind_group_success", "bound", group),
    ];
    messages.extend((0..JOINING).map(|number| {
        let body =
            json!({"group_id": "G-1", "user_id": format!("U-{number}x"), "join_time": "2026-11-21T10:00:03"});
        message("join_group", &format!("joined-{number}"), body)
    }));
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_killed_under_robot_events_loses_and_doubles_none() {
    let (mut stack, dir) = servers().await.expect("servers of our own");
    with_stores_on(stack.endpoints(), async |stores| {
        let context = &stores.context;
        fixture::robot(context, "R-1", None, 30).await?;
        let transports = transport::connect(&context.config)?;
        let gateway = transports.to(&Network::gateway())?.as_ref();
        let intake = Intake::new(context.clone());
        // The group first: who joins one that is not bound yet is not counted.
        intake.receive(gateway, &messages()[..3]).await?;
        worker::drain(context, &transports).await?;
        intake.receive(gateway, &messages()).await?;
        let done = "SELECT count(*) FROM inbox_messages WHERE state = 'done'";
        for kill in 1..=3 {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    let (context, transports) = (context.clone(), transports.clone());
                    tokio::spawn(async move { worker::drain(&context, &transports).await })
                })
                .collect();
            while count(context, done).await? < kill * 40 {
                tokio::task::yield_now().await;
            }
            stack.postgres.kill9();
            // Some may have ended before: events of one group wait for each other.
            let ends = try_join_all(workers).await?;
            assert!(ends.iter().any(Result::is_err), "nobody noticed: {ends:?}");
            stack.postgres.start().await?;
            // The broker had no answer, so all comes again.
            insist(async || intake.receive(gateway, &messages()).await).await?;
            let left = insist(async || count(context, done).await).await?;
            assert!((kill * 40..JOINING).contains(&left), "kill {kill} was not in the middle: {left}");
        }
        insist(async || worker::drain(context, &transports).await).await?;
        let open = "SELECT command, state, outcome FROM inbox_messages WHERE state <> 'done'";
        assert_eq!(fixture::rows(context, open).await?, [""; 0]);
        let outcomes = "SELECT command, outcome, count(*) FROM inbox_messages WHERE command = 'join_group' GROUP BY 1, 2";
        let outcomes = fixture::rows(context, outcomes).await?;
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        assert_eq!(count(context, done).await?, JOINING + 3);
        let effects = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM friendships),
                              (SELECT count(*) FROM groups WHERE status = 1), (SELECT sum(joined) FROM group_day_counts),
                              (SELECT sum(activations) FROM robot_days)";
        assert_eq!(fixture::rows(context, effects).await?, [format!("(1,1,1,{JOINING},1)")]);
        Ok(())
    })
    .await;
    stack.stop().await.expect("servers stop");
    std::fs::remove_dir_all(dir).expect("the folder is ours");
}

/// Every command, as one day's story; the gateway says it while there is no PostgreSQL.
fn story() -> Vec<RawMessage> {
    let group = |group: &str| json!({"group_id": group, "robot_id": "R-1", "user_id": "U-1", "name": group});
    let place = |group: &str| json!({"group_id": group, "robot_id": "R-1", "reason": "3"});
    let member = |key: &str| json!({"group_id": "G-1", "user_id": "U-9", key: "2026-11-21T10:00:03"});
    let mut story = vec![(
        "robot_added",
        json!({"robot_id": "R-1", "user_id": "U-1", "nickname": "Ann"}),
    )];
    for code in ["G-1", "G-2", "G-3"] {
        story.extend(["wait_for_bind", "bind_group_success"].map(|command| (command, group(code))));
    }
    story.extend([
        (
            "group_members",
            json!([{"group_id": "G-1", "user_id": "U-1", "is_admin": true}]),
        ),
        (
            "group_info",
            json!({"id": "G-1", "name": "Mothers", "admin_user_id": "U-1", "mem_count": 83,
                              "robots": [{"robot_id": "R-1", "robot_in_group": 1}]}),
        ),
        (
            "group_message",
            json!({"group_id": "G-1", "user_id": "U-7", "message_no": "M-1", "type": 3, "content": "hi",
                                 "send_time": "2026-11-21 10:00:01", "at_users": ["R-1"]}),
        ),
        (
            "private_message",
            json!({"robot_id": "R-1", "user_id": "U-1", "type": 3, "content": "菜单",
                                   "send_time": "2026-11-21T10:00:02"}),
        ),
        ("join_group", member("join_time")),
        ("drop_out_group", member("drop_time")),
        ("robot_kicked", place("G-2")),
        ("unbind_group_success", place("G-3")),
        (
            "robot_join_failed",
            json!({"robot_id": "R-2", "group_id": "G-4", "user_id": "U-1", "reason": "limit"}),
        ),
        ("abnormal_robot", json!({"robot_id": "R-2"})),
        (
            "abnormal_robot_replaced",
            json!({"replace_robot_id": "R-2", "qrcode": "https://qr.example/new.png"}),
        ),
    ]);
    let numbered = story.into_iter().enumerate();
    numbered
        .map(|(number, (command, body))| message(command, &format!("story-{number}"), body))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_come_while_postgresql_is_down_take_effect_when_it_is_back() {
    let (mut stack, dir) = servers().await.expect("servers of our own");
    with_stores_on(stack.endpoints(), async |stores| {
        let context = &stores.context;
        for robot in ["R-1", "R-2"] {
            fixture::robot(context, robot, None, 30).await?;
        }
        let transports = transport::connect(&context.config)?;
        let gateway = transports.to(&Network::gateway())?.as_ref();
        let intake = Intake::new(context.clone());
        stack.postgres.kill9();
        let told = story();
        // Each by itself: one that is taken in would hide behind those that are not.
        let taken = join_all(told.chunks(1).map(|one| intake.receive(gateway, one))).await;
        assert!(taken.iter().all(Result::is_err), "acknowledged and nowhere");
        stack.postgres.start().await?;
        // The broker had no answer, so all comes again.
        insist(async || intake.receive(gateway, &story()).await).await?;
        worker::drain(context, &transports).await?;
        let open = "SELECT command, state, outcome FROM inbox_messages WHERE state <> 'done'";
        assert_eq!(fixture::rows(context, open).await?, [""; 0]);
        let effects = [
            "SELECT code, name, status, running_status, cancel_reason, member_count FROM groups ORDER BY code",
            "SELECT joined, left_ FROM group_day_counts",
            "SELECT user_code, message_no FROM group_messages",
            "SELECT user_code, is_owner FROM group_members",
            "SELECT chat_counts FROM activity_records",
            "SELECT code, status, qr_code LIKE '%new.png' FROM robots ORDER BY code",
            "SELECT code, removed_reason FROM robot_days JOIN robots ON id = robot_id WHERE removed_reason IS NOT NULL",
        ];
        let mut found = Vec::new();
        for sql in effects {
            found.extend(fixture::rows(context, sql).await?);
        }
        assert_eq!(
            found,
            [
                "(G-1,Mothers,1,1,,83)",
                "(G-2,G-2,1,2,,)",
                "(G-3,G-3,3,1,3,)",
                "(1,1)",
                "(U-7,M-1)",
                "(U-1,t)",
                "(1)",
                "(R-1,1,f)",
                "(R-2,1,t)",
                "(R-2,join_failed)",
            ]
        );
        Ok(())
    })
    .await;
    stack.stop().await.expect("servers stop");
    std::fs::remove_dir_all(dir).expect("the folder is ours");
}

/// Tables a settlement writes to, in its order. Whoever locks one stops it there.
const POINTS: &[&str] = &[
    "settlement_runs",
    "settlement_inputs",
    "accounts",
    "slips",
    "ledger_lines",
    "outbox",
];

/// Starts a job in a process of its own, at this time.
fn start(stores: &Stores, job: &str, date: BusinessDate, clock: &str) -> Result<Process> {
    let mut command =
        OwnedCommand::new(built("scheduler")?).args(["run-job", job, "--date", &date.to_string()]);
    for (name, value) in &stores.environment {
        command = command.env(name, value);
    }
    command.env("GPET_CLOCK", clock).spawn()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_killed_anywhere_ends_as_one_that_was_not() {
    let (stack, dir) = servers().await.expect("servers of our own");
    with_stores_on(stack.endpoints(), async |stores| {
        let context = &stores.context;
        let world: Value = serde_json::from_str(SEED_7)?;
        let date: BusinessDate = world["settle_date"].as_str().context("no settle_date")?.parse()?;
        let expected: Outcome = serde_json::from_value(world["expected"].clone())?;
        context
            .clock
            .set(date.plus_days(1).at(NaiveTime::MIN + TimeDelta::hours(2)));
        load(context, SEED_7).await?;
        // A killed run keeps its claim for a while, so each next one comes an hour later.
        let later = || {
            context.clock.set(context.clock.now() + TimeDelta::hours(1));
            context.clock.now().to_rfc3339()
        };
        for point in POINTS {
            let lock = context.db.begin().await?;
            db::execute(&lock, &format!("LOCK TABLE {point} IN EXCLUSIVE MODE"), []).await?;
            let mut process = start(stores, "settle_groups", date, &later())?;
            until_it_waits(context, &mut process)
                .await
                .with_context(|| format!("at {point}"))?;
            process.kill9();
            lock.rollback().await?;
            until_all_is_quiet(context).await?;
            let state =
                fixture::rows(context, "SELECT state FROM job_runs WHERE job = 'settle_groups'").await?;
            assert_eq!(state, ["(running)"], "killed at {point}");
            assert_eq!(
                count(context, "SELECT count(*) FROM slips").await?,
                0,
                "killed at {point}"
            );
        }
        for job in ["settle_groups", "settle_ads", "settle_groups"] {
            let status = start(stores, job, date, &later())?.wait().await;
            ensure!(
                status.is_some_and(|status| status.success()),
                "{job} ended with {status:?}"
            );
            until_all_is_quiet(context).await?;
        }
        assert_eq!(outcome(context).await?, expected);
        Ok(())
    })
    .await;
    stack.stop().await.expect("servers stop");
    std::fs::remove_dir_all(dir).expect("the folder is ours");
}

async fn until_it_waits(context: &Context, process: &mut Process) -> Result<()> {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + PATIENCE;
    while count(context, waiting).await? == 0 {
        ensure!(process.is_running(), "it ended without coming here");
        ensure!(Instant::now() < deadline, "it did not come here");
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Sessions of a killed process end when they next speak to it.
async fn until_all_is_quiet(context: &Context) -> Result<()> {
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
                AND state <> 'idle' AND pid <> pg_backend_pid()";
    let deadline = Instant::now() + PATIENCE;
    while count(context, busy).await? > 0 {
        ensure!(Instant::now() < deadline, "sessions go on without their process");
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
