//! Capacity under pressure: counters in PostgreSQL are the truth, Redis may be flushed at any moment.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use deadpool_redis::redis;
use domain::robot::RobotCard;
use domain::robot::{self, mirror};
use it::fixture::robot;
use it::{Stores, with_app, with_app_configured, with_stores};
use kernel::Context;
use kernel::code::Code;
use kernel::id::RobotId;
use serde_json::json;
use simulators::gateway::Event;
use std::collections::HashMap;

const VISITS: usize = 400;

async fn flush(context: &Context) -> Result<()> {
    Ok(context.cache.run::<()>(&redis::cmd("FLUSHDB")).await?)
}

/// Four hundred visits of two hundred people at once, Redis flushed in between. Every visit's answer, by person.
async fn rush(context: &Context) -> Result<Vec<(usize, kernel::Result<RobotCard>)>> {
    let visits = (0..VISITS).map(|number| {
        let context = context.clone();
        tokio::spawn(async move {
            if number % 100 == 50 {
                flush(&context).await?;
            }
            let (person, channel) = (number / 2, (number % 20 < 2).then_some("tv"));
            let card = robot::distribute(
                &context,
                &format!("union-{person}"),
                "open",
                Some("null"),
                channel,
            )
            .await;
            anyhow::Ok((person, card))
        })
    });
    futures::future::join_all(visits)
        .await
        .into_iter()
        .map(|visit| visit?)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_breaks_no_rule_while_redis_is_flushed() {
    with_stores(async |stores| {
        let context = &stores.context;
        for code in ["A", "B", "C"] {
            robot(context, code, None, 30).await?;
        }
        robot(context, "TV", Some("tv"), 2).await?;
        let mut robot_of: HashMap<usize, RobotId> = HashMap::new();
        for (person, answer) in rush(context).await? {
            match answer {
                Ok(card) => {
                    let first = *robot_of.entry(person).or_insert(card.robot_id);
                    assert_eq!(first, card.robot_id, "person {person} was shown two robots");
                }
                Err(error) => {
                    assert_eq!(error.code, Code::NoRobotAvailable, "{}", error.chain());
                    let reason = error.data.context("1600 without data")?["reason"].clone();
                    assert_eq!(reason, "displays_used_up");
                }
            }
        }
        // 15 activations x 3 displays each for three robots, and 2 x 3 for the channel's, which may open two groups only.
        let day = context.clock.today();
        let counters = robot::capacity_of(context, day).await?;
        let displays: Vec<(&str, i32)> = counters
            .iter()
            .map(|robot| (robot.code.as_str(), robot.displays))
            .collect();
        assert_eq!(displays, [("A", 45), ("B", 45), ("C", 45), ("TV", 6)]);
        assert_eq!(robot_of.len(), 141, "one display a person");
        let rows = it::fixture::rows(
            context,
            "SELECT count(*), count(DISTINCT union_id) FROM robot_displays",
        )
        .await?;
        assert_eq!(rows, ["(141,141)"]);
        the_mirror_is_true(stores).await
    })
    .await;
}

/// A lost mirror is whole again after the next change, and agrees with PostgreSQL.
async fn the_mirror_is_true(stores: &Stores) -> Result<()> {
    let context = &stores.context;
    let day = context.clock.today();
    flush(context).await?;
    let counters = robot::capacity_of(context, day).await?;
    mirror::refresh(context, day, counters[0].robot_id).await;
    let mut redis = context.cache.get().await?;
    let keys = mirror::keys(day);
    for robot in counters {
        let id = robot.robot_id.to_string();
        let mirrored: (Option<i32>, Option<i32>, Option<i32>, Option<i32>) = redis::pipe()
            .zscore(&keys[0], &id)
            .zscore(&keys[1], &id)
            .zscore(&keys[2], &id)
            .zscore(&keys[3], &id)
            .query_async(&mut redis)
            .await?;
        let remaining = robot.recommendable().then_some(robot.remaining());
        let expected = (
            Some(robot.display_limit),
            remaining,
            Some(robot.displays),
            Some(robot.activations),
        );
        assert_eq!(mirrored, expected, "{robot:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_left_is_told_with_its_reason() {
    with_stores(async |stores| {
        let context = &stores.context;
        let reason = async |union_id: &str, channel: Option<&str>| -> Result<String> {
            let error = robot::distribute(context, union_id, "open", None, channel)
                .await
                .unwrap_err();
            assert_eq!((error.code, error.http_status()), (Code::NoRobotAvailable, 409));
            let data = error.data.context("1600 without data")?;
            Ok(data["reason"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(reason("u-1", None).await?, "none_registered");
        let only = robot(context, "TV", Some("tv"), 30).await?;
        assert_eq!(reason("u-1", Some("radio")).await?, "no_robot_of_channel");
        domain::robot::registry::set_aside(context, only.id).await?;
        assert_eq!(reason("u-1", Some("tv")).await?, "none_allocatable");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_groups_at_once_do_not_exceed_the_day() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        let pulls: Vec<Event> = (0..20)
            .map(|number| {
                let body = json!({"group_id": format!("G-{number}"), "robot_id": "R-1", "user_id": "U-1", "name": "n"});
                Event::new("wait_for_bind", body)
            })
            .collect();
        app.simulator.inject(&pulls).await?;
        app.drain().await?;
        let groups = app.rows("SELECT count(*) FROM groups WHERE status = 1").await?;
        assert_eq!(groups, ["(15)"], "15 activations a robot and day");
        let counters = app.rows("SELECT activations, count_distribute FROM robot_days JOIN robots ON id = robot_id").await?;
        assert_eq!(counters, ["(15,15)"]);
        let bound = app.simulator.gateway().await?.groups.values().filter(|group| group.bound).count();
        assert_eq!(bound, 15, "and the gateway was asked for no more");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_day_opens_with_what_the_lifetime_leaves() {
    with_app_configured(
        |config| config.capacity.distribute_amount = 2,
        async |app| {
            robot(&app.context, "R-1", None, 3).await?;
            app.befriends("U-1", "R-1").await?;
            for group in ["G-1", "G-2", "G-3"] {
                app.pulls("U-1", "R-1", group).await?;
            }
            assert_eq!(
                app.rows("SELECT count(*) FROM groups").await?,
                ["(2)"],
                "two a day"
            );
            app.at("2026-11-22T00:00:00")?;
            app.run_job("distribute_robots", "2026-11-22").await?;
            let opened = app
                .rows("SELECT overage, display_limit, activations FROM robot_days ORDER BY day DESC LIMIT 1")
                .await?;
            assert_eq!(
                opened,
                ["(1,3,0)"],
                "one group is left of three, shown three times at most"
            );
            app.run_job("distribute_robots", "2026-11-22").await?;
            assert_eq!(
                app.rows("SELECT count(*) FROM robot_days").await?,
                ["(2)"],
                "twice is once"
            );
            for group in ["G-3", "G-4"] {
                app.pulls("U-1", "R-1", group).await?;
            }
            assert_eq!(
                app.rows("SELECT count(*) FROM groups").await?,
                ["(3)"],
                "three in a lifetime"
            );
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_other_robot_hears_of_a_replacement_by_sms() {
    let with_template = |config: &mut kernel::config::Config| {
        config.sms.retired_template_code = "SMS_RETIRED".to_owned();
    };
    with_app_configured(with_template, async |app| {
        for code in ["R-1", "R-2"] {
            app.robot(code).await?;
        }
        for (user, phone) in [("U-1", "13800000001"), ("U-2", "13800000002"), ("U-3", "")] {
            app.befriends(user, "R-1").await?;
            app.execute(&format!(
                "UPDATE users SET phone = nullif('{phone}', '') WHERE code = '{user}'"
            ))
            .await?;
        }
        app.befriends("U-2", "R-2").await?;
        for qr_code in ["one", "two"] {
            for user in ["U-1", "U-2", "U-3"] {
                app.pulls(user, "R-1", &format!("G-{user}-{qr_code}")).await?;
            }
            app.happens("abnormal_robot", json!({"robot_id": "R-1"})).await?;
            for _ in 0..2 {
                let replaced =
                    json!({"replace_robot_id": "R-1", "qrcode": format!("https://qr.example/{qr_code}.png")});
                app.happens("abnormal_robot_replaced", replaced).await?;
            }
            app.later(TimeDelta::minutes(30));
        }
        let sent = app.simulator.sms("13800000001").await?.messages;
        let words: Vec<_> = sent
            .iter()
            .map(|sms| (sms.template.as_str(), &sms.params["name"]))
            .collect();
        assert_eq!(words, [("SMS_RETIRED", &json!("pet R-1"))], "once a day");
        assert_eq!(
            app.simulator.sms("13800000002").await?.messages.len(),
            0,
            "told by the other robot"
        );
        let told = app.simulator.told("U-2").await?;
        assert!(told.iter().any(|text| text.contains("pet R-1")), "{told:?}");
        let untold =
            "SELECT code FROM robot_incidents JOIN users ON id = user_id WHERE told_at IS NULL ORDER BY 1";
        assert_eq!(
            app.rows(untold).await?,
            ["(U-1)", "(U-3)"],
            "one was told today, nobody can tell the other"
        );
        Ok(())
    })
    .await;
}
