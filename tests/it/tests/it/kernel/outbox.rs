//! What must follow from a use case: in order, leased, at least once, and never twice where that would be seen.

use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use it::{App, with_app, with_app_configured, with_stores};
use kernel::Context;
use kernel::outbox::{self, ClaimedMessage, Destination, Ending, Message};
use scheduler::relay;
use serde_json::json;
use simulators::{Action, Partner};
use std::collections::HashSet;
use transport::{OutgoingMessage, RobotCommand};

const LEASE: TimeDelta = TimeDelta::seconds(60);

fn message(lane: &str, topic: &str) -> kernel::Result<Message> {
    Message::new(Destination::Event, topic, lane, &json!({ "topic": topic }))
}

async fn claim(context: &Context) -> Result<Vec<ClaimedMessage>> {
    Ok(outbox::claim(
        context.db.autocommit(),
        Destination::Event,
        context.clock.now(),
        LEASE,
        100,
    )
    .await?)
}

fn topics(claimed: &[ClaimedMessage]) -> Vec<(&str, i32)> {
    claimed
        .iter()
        .map(|message| (message.topic.as_str(), message.attempts))
        .collect()
}

fn later(context: &Context, by: TimeDelta) {
    context.clock.set(context.clock.now() + by);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_goes_in_order_and_a_lease_runs_out() {
    with_stores(async |stores| {
        let context = &stores.context;
        let now = context.clock.now();
        let put_off = message("a", "tomorrow")?.put_off(now + TimeDelta::hours(1));
        let messages = vec![
            put_off,
            message("a", "a1")?,
            message("a", "a2")?,
            message("b", "b1")?,
        ];
        outbox::push(context.db.autocommit(), now, messages).await?;
        let rolled_back = context.db.begin().await?;
        outbox::push(&rolled_back, now, vec![message("c", "c1")?]).await?;
        rolled_back.rollback().await?;

        assert_eq!(topics(&claim(context).await?), [("a1", 1), ("b1", 1)]);
        assert_eq!(topics(&claim(context).await?), [], "leased");
        later(context, LEASE + TimeDelta::seconds(1));
        let again = claim(context).await?;
        assert_eq!(
            topics(&again),
            [("a1", 2), ("b1", 2)],
            "a relay that died leaves them to the next"
        );
        outbox::delivered(context.db.autocommit(), vec![again[0].id], context.clock.now()).await?;
        let words = "said no";
        outbox::ended(
            context.db.autocommit(),
            again[1].id,
            Ending::Failed,
            words,
            context.clock.now(),
        )
        .await?;
        let next = claim(context).await?;
        assert_eq!(topics(&next), [("a2", 1)]);
        outbox::delivered(context.db.autocommit(), vec![next[0].id], context.clock.now()).await?;
        later(context, TimeDelta::hours(1));
        assert_eq!(topics(&claim(context).await?), [("tomorrow", 1)]);
        Ok(())
    })
    .await;
}

/// Ids are made from the clocks of machines that do not agree: here each later message has an id from before.
#[tokio::test(flavor = "multi_thread")]
async fn a_lane_goes_in_the_order_it_was_written_whatever_the_writers_clocks_say() {
    with_app(async |app| {
        let context = &app.context;
        for (id, topic) in [(3, "a1"), (2, "a2"), (1, "a3")] {
            app.execute(&format!(
                "INSERT INTO outbox (id, destination, topic, lane, payload, next_attempt_at, created_at)
                 VALUES ('0000000{id}-0000-7000-8000-000000000000', 'event', '{topic}', 'a', '{{}}',
                         '2026-11-01Z', '2026-11-01Z')"
            ))
            .await?;
        }
        let operator = app.console(Role::Viewer).await?;
        let list = operator.get("/api/console/outbox").await?;
        let rows = list.data().as_array().into_iter().flatten();
        let listed: Vec<&str> = rows.filter_map(|row| row["topic"].as_str()).collect();
        assert_eq!(listed, ["a3", "a2", "a1"], "newest first");
        for expected in ["a1", "a2", "a3"] {
            let claimed = claim(context).await?;
            assert_eq!(topics(&claimed), [(expected, 1)]);
            outbox::delivered(context.db.autocommit(), vec![claimed[0].id], context.clock.now()).await?;
        }
        // Written at once, one lane: the order of the list is the order of the lane.
        let messages = (0..50).map(|number| message("b", &format!("b{number}")));
        let messages = messages.collect::<kernel::Result<_>>()?;
        outbox::push(context.db.autocommit(), context.clock.now(), messages).await?;
        for number in 0..50 {
            let claimed = claim(context).await?;
            assert_eq!(topics(&claimed), [(format!("b{number}").as_str(), 1)]);
            outbox::delivered(context.db.autocommit(), vec![claimed[0].id], context.clock.now()).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_relays_share_without_doubling() {
    with_stores(async |stores| {
        let now = stores.context.clock.now();
        let messages = (0..300)
            .map(|number| message(&format!("lane {}", number % 150), "t"))
            .collect::<kernel::Result<_>>()?;
        outbox::push(stores.context.db.autocommit(), now, messages).await?;
        let relays = (0..6).map(|_| {
            let context = stores.context.clone();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                loop {
                    let claimed: Vec<_> = claim(&context).await?.iter().map(|message| message.id).collect();
                    if claimed.is_empty() {
                        return anyhow::Ok(ids);
                    }
                    outbox::delivered(context.db.autocommit(), claimed.clone(), context.clock.now()).await?;
                    ids.extend(claimed);
                }
            })
        });
        let (mut count, mut distinct) = (0, HashSet::new());
        for relay in futures::future::join_all(relays).await {
            for id in relay?? {
                count += 1;
                distinct.insert(id);
            }
        }
        // One that looked while others held every lane may have gone home early; none was taken twice.
        assert_eq!(count, distinct.len());
        let rest = claim(&stores.context).await?.len();
        assert_eq!(count + rest, 300);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_not_said_twice_and_repeatable_commands_are_repeated() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let drop_after = || Action::DropAfter { hang_ms: 0 };
        app.simulator
            .next(Partner::Gateway, "send_private_message", drop_after())
            .await?;
        app.befriends("U-1", "R-1").await?;
        let welcome = "SELECT state, attempts FROM outbox WHERE topic = 'send_private_message'";
        assert_eq!(
            app.rows(welcome).await?,
            ["(unknown,1)"],
            "nobody knows whether it was said"
        );

        app.simulator
            .next(Partner::Gateway, "sync_group_members", drop_after())
            .await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        let sync = "SELECT state, attempts FROM outbox WHERE topic = 'sync_group_members'";
        assert_eq!(app.rows(sync).await?, ["(pending,1)"]);
        app.later(TimeDelta::hours(1));
        app.drain().await?;
        assert_eq!(app.rows(sync).await?, ["(delivered,2)"]);
        assert_eq!(relay::drain(&app.context, &app.outside).await?, 0);
        let calls = app
            .simulator
            .received(Partner::Gateway, "send_private_message")
            .await?;
        let welcomes = calls
            .iter()
            .filter(|call| format!("{:?}", call.body).contains("link_token"))
            .count();
        assert_eq!(welcomes, 1);
        Ok(())
    })
    .await;
}

/// What a relay was carrying when it died: the private message may have been said, the sync may have been asked for.
async fn a_relay_dies(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    let (robot_code, user_code) = ("R-1".parse()?, "U-1".parse()?);
    let commands = [
        RobotCommand::SendPrivateMessage {
            robot_code,
            user_code,
            message: OutgoingMessage::Text { text: "hello".into() },
        },
        RobotCommand::SyncGroupMembers {
            robot_code: None,
            group_code: "G-1".parse()?,
        },
    ];
    let (conn, now) = (app.context.db.autocommit(), app.context.clock.now());
    let messages = commands
        .into_iter()
        .map(RobotCommand::into_message)
        .collect::<kernel::Result<_>>()?;
    outbox::push(conn, now, messages).await?;
    let claimed = outbox::claim(conn, Destination::Robot, now, LEASE, 10).await?;
    assert_eq!(claimed.len(), 2);
    assert!(claimed.iter().all(|message| !message.cut_off));
    app.later(LEASE + TimeDelta::seconds(1));
    relay::drain(&app.context, &app.outside).await?;
    Ok(())
}

const FATES: &str = "SELECT topic, state, attempts FROM outbox ORDER BY topic";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_relay_may_have_said_is_not_said_again_until_a_person_wants_it() {
    with_app(async |app| {
        a_relay_dies(app).await?;
        assert_eq!(
            app.rows(FATES).await?,
            [
                "(send_private_message,unknown,2)",
                "(sync_group_members,delivered,2)"
            ]
        );
        assert_eq!(app.simulator.told("U-1").await?, [""; 0]);
        let admin = app.console(Role::Admin).await?;
        let unknown = admin.get("/api/console/outbox?state=unknown").await?;
        let id = &unknown.data()[0]["id"];
        let retried = admin
            .post("/api/console/outbox/retry", json!({ "ids": [id] }))
            .await?;
        assert_eq!(retried.outcome(), (200, 1200), "{}", retried.body);
        app.drain().await?;
        assert_eq!(app.simulator.told("U-1").await?, ["hello"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_knows_copies_gets_the_same_id_again() {
    with_app_configured(
        |config| config.gateway.idempotent_sends = true,
        async |app| {
            a_relay_dies(app).await?;
            assert_eq!(
                app.rows(FATES).await?,
                [
                    "(send_private_message,delivered,2)",
                    "(sync_group_members,delivered,2)"
                ]
            );
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_whose_end_is_known_is_no_cut() {
    with_stores(async |stores| {
        let context = &stores.context;
        let (conn, now) = (context.db.autocommit(), context.clock.now());
        outbox::push(conn, now, vec![message("a", "a1")?]).await?;
        let first = claim(context).await?;
        outbox::postponed(conn, vec![first[0].id], "away", now).await?;
        assert!(!claim(context).await?[0].cut_off);
        later(context, LEASE + TimeDelta::seconds(1));
        assert!(claim(context).await?[0].cut_off);
        Ok(())
    })
    .await;
}
