//! One history, told in order and told twice in other orders, ends in the same state.

use anyhow::Result;
use it::{App, with_app};
use serde_json::json;
use simulators::control::Injection;
use simulators::gateway::Event;
use simulators::{Action, Partner, Rule};
use std::sync::Mutex;

const USERS: usize = 4;
const GROUPS: usize = 12;

/// People, and groups that are bound, kicked out of, unbound, and bound again.
fn history() -> Vec<Event> {
    let mut events: Vec<Event> = (0..USERS)
        .map(|user| {
            let body = json!({"robot_id": format!("R-{}", user % 2), "user_id": format!("U-{user}"), "nickname": "n"});
            Event::new("robot_added", body)
        })
        .collect();
    for group in 0..GROUPS {
        let user = group % USERS;
        let (robot_id, group_id) = (format!("R-{}", user % 2), format!("G-{group}"));
        let binding = json!({"group_id": group_id, "robot_id": robot_id, "user_id": format!("U-{user}"), "name": group_id});
        let place = json!({"group_id": group_id, "robot_id": robot_id, "reason": "3"});
        let bind =
            ["wait_for_bind", "bind_group_success"].map(|command| Event::new(command, binding.clone()));
        let kicked = Event::new("robot_kicked", place.clone());
        let unbound = Event::new("unbind_group_success", place);
        let described = json!({"id": group_id, "name": "known", "admin_user_id": "U-0", "mem_count": 70 + group,
                               "robots": [{"robot_id": robot_id, "robot_in_group": true}]});
        let newcomer = json!({"group_id": group_id, "user_id": "N-1", "join_time": "2026-11-21T10:00:03"});
        events.extend(bind);
        match group % 4 {
            0 => events.extend([
                Event::new("group_info", described),
                Event::new("join_group", newcomer),
            ]),
            1 => events.extend([kicked, unbound]),
            2 => events.push(unbound),
            _ => {
                events.push(unbound);
                events.extend(
                    ["wait_for_bind", "bind_group_success"]
                        .map(|command| Event::new(command, binding.clone())),
                );
            }
        }
    }
    events
}

/// What must be the same; ids and times are left out.
async fn state(app: &App) -> Result<Vec<String>> {
    let mut state = Vec::new();
    for sql in [
        "SELECT code, nickname, status, has_imported FROM users ORDER BY code",
        "SELECT g.code, g.name, g.status, g.running_status, g.cancel_reason, g.member_count, u.code, r.code, c.settle_count
         FROM groups AS g JOIN users AS u ON u.id = g.user_id LEFT JOIN robots AS r ON r.id = g.robot_id
         JOIN group_settle_counts AS c ON c.group_id = g.id ORDER BY 1, 3, 5",
        "SELECT code, status, count_distribute, overage, displays, activations, removed_reason FROM robots JOIN robot_days ON id = robot_id ORDER BY 1",
        "SELECT r.code, u.code FROM friendships JOIN robots AS r ON r.id = robot_id JOIN users AS u ON u.id = user_id ORDER BY 1, 2",
        "SELECT code, joined, left_ FROM group_day_counts JOIN groups ON id = group_id ORDER BY 1",
        "SELECT u.code, available, held, income FROM accounts JOIN users AS u ON u.id = user_id ORDER BY 1",
        "SELECT account, balance FROM house_accounts ORDER BY 1",
        "SELECT count(*) FROM slips",
        "SELECT topic, count(*) FROM outbox WHERE destination = 'event' OR topic = 'send_private_message' GROUP BY 1 ORDER BY 1",
    ] {
        state.extend(app.rows(sql).await?);
    }
    Ok(state)
}

/// Plays the history on an application of its own.
async fn play(seed: Option<u64>) -> Vec<String> {
    let ended = Mutex::new(Vec::new());
    with_app(async |app| {
        for robot in ["R-0", "R-1"] {
            app.robot(robot).await?;
        }
        // The history has its own answers.
        let silent = ["bind_group", "unbind_group", "sync_group_members"].map(|endpoint| Rule {
            times: -1,
            ..Rule::next(Partner::Gateway, endpoint, Action::Silent {})
        });
        app.simulator.script(&silent).await?;
        let told = Injection {
            events: history(),
            twice: false,
            shuffle_seed: seed,
        };
        app.simulator.inject_as(&told).await?;
        app.drain().await?;
        let open = app
            .rows("SELECT command, state, outcome FROM inbox_messages WHERE state <> 'done'")
            .await?;
        assert_eq!(open, [""; 0], "seed {seed:?}");
        *ended.lock().expect("one holder") = state(app).await?;
        Ok(())
    })
    .await;
    ended.into_inner().expect("one holder")
}

#[tokio::test(flavor = "multi_thread")]
async fn shuffled_and_doubled_histories_end_alike() {
    let in_order = play(None).await;
    assert!(in_order.len() > USERS + GROUPS, "{in_order:#?}");
    let seeds = 1..=4;
    let shuffled = futures::future::join_all(seeds.clone().map(|seed| play(Some(seed)))).await;
    for (seed, ended) in seeds.zip(shuffled) {
        assert_eq!(ended, in_order, "seed {seed}");
    }
}
