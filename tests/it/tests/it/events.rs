//! Robot events from the broker into the rooms: each once, whatever the broker and the gateway do.

use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use domain::operations::dead_letters;
use it::{App, with_app};
use kernel::db;
use kernel::page::Page;
use serde_json::{Value, json};
use simulators::gateway::{COMMON, Event};
use simulators::{Action, Partner, Rule};

/// State, command and outcome of every message, in the order of arrival.
async fn inbox_rows(app: &App) -> Result<Vec<String>> {
    app.rows("SELECT state, command, outcome FROM inbox_messages ORDER BY id")
        .await
}

async fn outcome_of(app: &App, command: &str) -> Result<Option<String>> {
    let sql =
        "SELECT state || ': ' || outcome FROM inbox_messages WHERE command = $1 ORDER BY id DESC LIMIT 1";
    app.scalar(sql, [command.into()]).await
}

/// Publishes an event twice under one message id, lets it happen, and tells what came of it.
async fn twice(app: &App, command: &str, body: Value) -> Result<String> {
    let event = Event::new(command, body);
    let id = event.message_id.clone();
    app.simulator.inject(&[event.clone(), event]).await?;
    app.drain().await?;
    let copies: Option<i64> = app
        .scalar(
            "SELECT count(*) FROM inbox_messages WHERE message_key LIKE '%' || $1",
            [id.into()],
        )
        .await?;
    assert_eq!(copies, Some(1), "{command} was filed twice");
    Ok(outcome_of(app, command).await?.unwrap_or_default())
}

async fn keep_silent(app: &App, endpoint: &str) -> Result<()> {
    let rule = Rule {
        times: -1,
        ..Rule::next(Partner::Gateway, endpoint, Action::Silent {})
    };
    app.simulator.script(&[rule]).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_handled_once() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.robot("R-2").await?;
        let pair = json!({"robot_id": "R-1", "user_id": "U-1", "nickname": "Ann", "add_time": "2026-11-21 09:59:00"});
        assert_eq!(twice(app, "robot_added", pair).await?, "done: befriended");
        let binding = json!({"group_id": "G-1", "robot_id": "R-1", "user_id": "U-1", "name": "Mums"});
        assert_eq!(twice(app, "wait_for_bind", binding).await?, "done: the network is asked to bind");
        let group = app.rows("SELECT code, name, status, running_status, member_count FROM groups").await?;
        assert_eq!(group, ["(G-1,Mums,1,1,60)"], "bound, and its members told by the gateway");
        for command in ["bind_group_success", "group_members", "group_info"] {
            let outcome = outcome_of(app, command).await?.unwrap_or_default();
            assert!(outcome.starts_with("done: "), "{command}: {outcome}");
        }

        let speech = json!({"group_id": "G-1", "user_id": "U-7", "message_no": "M-1", "type": 3, "content": "hi",
                            "send_time": "2026-11-21 10:00:01", "at_users": ["R-1"]});
        twice(app, "group_message", speech).await?;
        assert_eq!(app.rows("SELECT user_code, message_no FROM group_messages").await?, ["(U-7,M-1)"]);

        let menu = json!({"robot_id": "R-1", "user_id": "U-1", "type": 3, "content": "菜单", "send_time": "2026-11-21T10:00:02"});
        assert_eq!(twice(app, "private_message", menu).await?, "done: answered");
        assert_eq!(app.rows("SELECT chat_counts FROM activity_records").await?, ["(1)"]);

        let newcomer = json!({"group_id": "G-1", "user_id": "U-9", "join_time": "2026-11-21T10:00:03"});
        twice(app, "join_group", newcomer).await?;
        let leaver = json!({"group_id": "G-1", "user_id": "U-9", "drop_time": "2026-11-21T10:00:04"});
        twice(app, "drop_out_group", leaver).await?;
        assert_eq!(app.rows("SELECT joined, left_ FROM group_day_counts").await?, ["(1,1)"]);

        let members = json!([{"group_id": "G-1", "user_id": "U-1", "is_admin": true}, {"group_id": "G-1", "user_id": "U-8"}]);
        twice(app, "group_members", members).await?;
        let info = json!({"id": "G-1", "name": "Mothers", "admin_user_id": "U-1", "mem_count": 83,
                          "robots": [{"robot_id": "R-1", "robot_in_group": 1}]});
        twice(app, "group_info", info).await?;
        let group = app.rows("SELECT name, owner_user_code, member_count FROM groups").await?;
        assert_eq!(group, ["(Mothers,U-1,83)"]);

        let failed = json!({"robot_id": "R-2", "group_id": "G-2", "user_id": "U-1", "reason": "limit"});
        assert_eq!(twice(app, "robot_join_failed", failed).await?, "done: told");
        let removed = "SELECT code, removed_reason FROM robot_days JOIN robots ON id = robot_id WHERE removed_reason IS NOT NULL";
        assert_eq!(app.rows(removed).await?, ["(R-2,join_failed)"]);

        twice(app, "robot_kicked", json!({"robot_id": "R-1", "group_id": "G-1"})).await?;
        let group = app.rows("SELECT status, running_status, cancel_reason FROM groups").await?;
        assert_eq!(group, ["(3,2,3)"], "kicked, and unbound by the gateway");
        assert!(outcome_of(app, "unbind_group_success").await?.is_some());

        assert_eq!(twice(app, "abnormal_robot", json!({"robot_id": "R-2"})).await?, "done: blocked");
        assert_eq!(app.rows("SELECT status FROM robots WHERE code = 'R-2'").await?, ["(5)"]);
        let replaced = json!({"replace_robot_id": "R-2", "qrcode": "https://qr.example/new.png"});
        assert_eq!(twice(app, "abnormal_robot_replaced", replaced).await?, "done: replaced");
        let robot = app.rows("SELECT status, qr_code FROM robots WHERE code = 'R-2'").await?;
        assert_eq!(robot, ["(1,https://qr.example/new.png)"]);

        assert_eq!(twice(app, "from_the_future", json!({"x": 1})).await?, "done: kept");
        let open: Option<i64> = app.scalar("SELECT count(*) FROM inbox_messages WHERE state <> 'done'", []).await?;
        assert_eq!(open, Some(0), "{:#?}", inbox_rows(app).await?);
        let undelivered: Option<i64> = app.scalar("SELECT count(*) FROM outbox WHERE state <> 'delivered'", []).await?;
        assert_eq!(undelivered, Some(0));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_goes_to_the_dead_letters_and_the_rest_goes_on() {
    with_app(async |app| {
        app.robot("R-1").await?;
        for _ in 0..2 {
            app.simulator
                .inject_raw(COMMON, None, b"{nonsense".to_vec())
                .await?;
        }
        app.simulator
            .inject_raw(COMMON, None, vec![0xff, 0x00, 0xfe])
            .await?;
        let incomplete = json!({"command": "wait_for_bind", "body": {"group_id": "G-1"}}).to_string();
        app.simulator
            .inject_raw(COMMON, Some("incomplete"), incomplete.into_bytes())
            .await?;
        app.simulator
            .event("robot_added", json!({"robot_id": "R-9", "user_id": "U-9"}))
            .await?;
        app.befriends("U-1", "R-1").await?;

        let dead = dead_letters::list(
            &app.context,
            dead_letters::DeadLetterFilter::default(),
            Page { current: 0, size: 20 },
        )
        .await?
        .rows;
        let commands: Vec<&str> = dead.iter().map(|letter| letter.command.as_str()).collect();
        assert_eq!(
            commands,
            ["robot_added", "wait_for_bind", "malformed", "malformed"],
            "newest first, a copy is no second"
        );
        assert!(dead[0].reason.contains("robot not found"), "{:?}", dead[0]);
        assert!(dead[1].reason.contains("robot_id"), "{:?}", dead[1]);
        assert!(
            dead[2..].iter().all(|letter| !letter.reason.is_empty()),
            "{dead:?}"
        );
        let nobody: Option<i64> = app
            .scalar("SELECT count(*) FROM users WHERE code = 'U-9'", [])
            .await?;
        assert_eq!(nobody, Some(0), "an unknown robot makes no user");

        app.robot("R-9").await?;
        let operator = app.operator(Role::Support).await?;
        let again = dead_letters::replay(&app.context, operator, vec![dead[0].id]).await?;
        assert_eq!(again, [dead[0].id]);
        app.drain().await?;
        app.user("U-9").await?;
        let both = vec![dead[0].id, dead[1].id];
        let left = dead_letters::discard(&app.context, operator, both).await?;
        assert_eq!(left, [dead[1].id], "what was handled is no dead letter any more");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_puller_may_be_introduced_ten_minutes_later() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        assert_eq!(app.rows("SELECT code FROM groups").await?.len(), 0);
        app.later(TimeDelta::seconds(595));
        app.befriends("U-1", "R-1").await?;
        assert_eq!(app.rows("SELECT code, status FROM groups").await?, ["(G-1,1)"]);

        app.pulls("U-2", "R-1", "G-2").await?;
        app.later(TimeDelta::seconds(601));
        app.befriends("U-2", "R-1").await?;
        assert_eq!(
            app.rows("SELECT code, status FROM groups").await?,
            ["(G-1,1)"],
            "too late"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unbinding_may_overtake_its_binding() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        keep_silent(app, "bind_group").await?;
        for group in ["G-1", "G-2"] {
            let binding = json!({"group_id": group, "robot_id": "R-1", "user_id": "U-1", "name": "Mums"});
            let unbound = json!({"group_id": group, "robot_id": "R-1", "reason": "3"});
            app.happens("wait_for_bind", binding.clone()).await?;
            let mut rest = vec![("bind_group_success", binding), ("unbind_group_success", unbound)];
            if group == "G-2" {
                rest.reverse();
            }
            for (command, body) in rest {
                app.happens(command, body).await?;
            }
        }
        let groups = app
            .rows("SELECT code, status, cancel_reason FROM groups ORDER BY code")
            .await?;
        assert_eq!(groups, ["(G-1,3,3)", "(G-2,3,3)"]);
        assert_eq!(app.rows("SELECT count_distribute FROM robots").await?, ["(0)"]);
        assert_eq!(app.rows("SELECT activations FROM robot_days").await?, ["(2)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_is_tried_again_and_leaves_nothing_behind() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.simulator.event("robot_added", json!({"robot_id": "R-1", "user_id": "U-1"})).await?;
        let lock = app.context.db.begin().await?;
        db::execute(&lock, "LOCK TABLE friendships", []).await?;
        let robots = &app.outside.transports;
        app.file_arrivals().await?;
        scheduler::consumers::worker::drain(&app.context, robots).await?;
        lock.rollback().await?;
        let waiting = "SELECT state, attempts, (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM outbox) AS notices
                       FROM inbox_messages";
        assert_eq!(app.rows(waiting).await?, ["(pending,1,0,0)"]);
        app.drain().await?;
        assert_eq!(app.rows(waiting).await?, ["(pending,1,0,0)"], "not before its time");
        app.later(TimeDelta::seconds(5));
        app.drain().await?;
        let done = app.rows("SELECT state, attempts FROM inbox_messages").await?;
        assert_eq!(done, ["(done,1)"]);
        app.user("U-1").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_a_bind_is_under_way_is_counted_once_it_is_done() {
    with_app(async |app| {
        app.robot("R-1").await?;
        keep_silent(app, "bind_group").await?;
        let binding = |group: &str| json!({"group_id": group, "robot_id": "R-1", "user_id": "U-1", "name": group});
        let coming = |group: &str, user: &str| json!({"group_id": group, "user_id": user, "join_time": "2026-11-21T10:00:03"});
        app.happens("join_group", coming("G-1", "N-0")).await?;
        for group in ["G-1", "G-2"] {
            app.happens("wait_for_bind", binding(group)).await?;
            app.happens("join_group", coming(group, "N-1")).await?;
            app.happens("join_group", coming(group, "R-1")).await?;
        }
        app.happens("bind_group_success", binding("G-1")).await?;
        twice(app, "join_group", coming("G-1", "N-2")).await?;
        let leaving = json!({"group_id": "G-1", "user_id": "N-1", "drop_time": "2026-11-21T10:00:04"});
        app.happens("drop_out_group", leaving).await?;
        assert_eq!(app.rows("SELECT FROM group_day_counts").await?.len(), 0);
        app.befriends("U-1", "R-1").await?;
        app.happens("join_group", coming("G-1", "N-3")).await?;
        let counts = "SELECT code, joined, left_ FROM group_day_counts JOIN groups ON id = group_id";
        assert_eq!(app.rows(counts).await?, ["(G-1,3,1)"], "except who came before, and the robot");

        app.later(TimeDelta::seconds(601));
        app.happens("wait_for_bind", binding("G-2")).await?;
        app.happens("bind_group_success", binding("G-2")).await?;
        assert_eq!(app.rows(counts).await?, ["(G-1,3,1)"], "the bind that ran out took its counts along");
        Ok(())
    })
    .await;
}

/// What the network still tells of a robot that operators deleted is nothing for a person to look at.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_deleted_robot_are_done() {
    with_app(async |app| {
        for robot in ["R-1", "R-2"] {
            app.robot(robot).await?;
        }
        app.befriends("U-1", "R-1").await?;
        app.befriends("U-1", "R-2").await?;
        let id: Option<String> = app
            .scalar("SELECT id::text FROM robots WHERE code = 'R-1'", [])
            .await?;
        let path = format!("/api/console/robots/{}", id.unwrap_or_default());
        let support = app.console(Role::Support).await?;
        assert_eq!(support.delete(&path).await?.outcome(), (200, 1200));
        let named = [
            ("robot_added", json!({"robot_id": "R-1", "user_id": "U-1"})),
            ("robot_added", json!({"robot_id": "R-1", "user_id": "U-9"})),
            (
                "private_message",
                json!({"robot_id": "R-1", "user_id": "U-1", "type": 3, "content": "菜单"}),
            ),
            (
                "robot_join_failed",
                json!({"robot_id": "R-1", "group_id": "G-1", "user_id": "U-1", "reason": "limit"}),
            ),
            ("abnormal_robot", json!({"robot_id": "R-1"})),
            (
                "abnormal_robot_replaced",
                json!({"replace_robot_id": "R-1", "qrcode": "https://qr.example/new.png"}),
            ),
            (
                "wait_for_bind",
                json!({"group_id": "G-1", "robot_id": "R-1", "user_id": "U-1", "name": "Mums"}),
            ),
            ("robot_kicked", json!({"robot_id": "R-1", "group_id": "G-1"})),
        ];
        for (command, body) in named {
            let outcome = twice(app, command, body).await?;
            assert_eq!(outcome, "done: the robot was deleted", "{command}");
        }
        let dead: Option<i64> = app
            .scalar("SELECT count(*) FROM inbox_messages WHERE state = 'dead'", [])
            .await?;
        assert_eq!(dead, Some(0));
        assert_eq!(app.rows("SELECT FROM users WHERE code = 'U-9'").await?.len(), 0);
        Ok(())
    })
    .await;
}
