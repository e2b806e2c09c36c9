//! What operators do with robots: edit, give back, delete, register again.

use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::notice;
use domain::robot::mirror;
use it::{App, Client, Reply, with_app};
use kernel::outbox;
use serde_json::{Value, json};
use std::str::FromStr;
use transport::RobotCode;

async fn path(app: &App, code: &str) -> Result<String> {
    let id: Option<uuid::Uuid> = app
        .scalar("SELECT id FROM robots WHERE code = $1", [code.into()])
        .await?;
    Ok(format!("/api/console/robots/{}", id.context("no such robot")?))
}

/// Overage, display limit, displays, activations and why it is out, today.
async fn today(app: &App) -> Result<Vec<String>> {
    app.rows("SELECT overage, display_limit, displays, activations, removed_reason FROM robot_days ORDER BY robot_id")
        .await
}

async fn deeds(app: &App) -> Result<Vec<String>> {
    app.rows("SELECT action FROM audit_entries ORDER BY at, id").await
}

/// Whether Redis shows it as offered.
async fn offered(app: &App, code: &str) -> Result<bool> {
    let id = path(app, code)
        .await?
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let [_, distribute, ..] = mirror::keys(app.context.clock.today());
    let mut command = deadpool_redis::redis::cmd("ZSCORE");
    let score: Option<i64> = app.context.cache.run(command.arg(distribute).arg(id)).await?;
    Ok(score.is_some())
}

fn registration(code: &str) -> Value {
    json!({"code": code, "name": "pet", "wechat_no": "wx", "head_url": "", "qr_code": "", "channel": null, "count_threshold": 30})
}

fn field(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.data()["field"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_robot_is_another_today() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let (robot, support) = (path(app, "R-1").await?, app.console(Role::Support).await?);
        for role in [Role::Finance, Role::Viewer] {
            let refused = app
                .console(role)
                .await?
                .patch(&robot, json!({"name": "x"}))
                .await?;
            assert_eq!(refused.outcome(), (403, 1401), "{role}");
        }
        app.befriends("U-1", "R-1").await?;
        app.all_pull(&[("U-1", "R-1", "G-1"), ("U-1", "R-1", "G-2")])
            .await?;
        assert_eq!(today(app).await?, ["(15,45,0,2,)"]);

        let edited = support
            .patch(
                &robot,
                json!({"name": "new", "channel": "tv", "count_threshold": 5}),
            )
            .await?;
        assert_eq!(edited.outcome(), (200, 1200), "{edited:?}");
        assert_eq!(
            (&edited.data()["name"], &edited.data()["channel"]),
            (&json!("new"), &json!("tv"))
        );
        assert_eq!(edited.data()["wechat_no"], "wx-R-1", "what is not named stays");
        assert_eq!(today(app).await?, ["(5,15,0,2,)"], "two of five are used");
        support.patch(&robot, json!({"count_threshold": 1})).await?;
        assert_eq!(today(app).await?, ["(2,6,0,2,)"], "what is activated stays");
        assert!(!offered(app, "R-1").await?);
        app.pulls("U-1", "R-1", "G-3").await?;
        assert_eq!(today(app).await?, ["(2,6,0,2,lifetime_used_up)"]);
        let again = support
            .patch(&robot, json!({"count_threshold": 100, "channel": null}))
            .await?;
        assert_eq!((again.status, &again.data()["channel"]), (200, &Value::Null));
        assert_eq!(
            today(app).await?,
            ["(15,45,0,2,)"],
            "the day's cap, and it is in again"
        );
        assert!(offered(app, "R-1").await?);

        let count = deeds(app).await?.len();
        let same = support.patch(&robot, json!({"count_threshold": 100})).await?;
        assert_eq!(
            (same.status, deeds(app).await?.len()),
            (200, count),
            "nothing was done"
        );
        let detail = "SELECT detail FROM audit_entries WHERE action = 'edit_robot' ORDER BY at, id LIMIT 1";
        let detail: Option<Value> = app.scalar(detail, []).await?;
        assert_eq!(
            detail.context("no deed")?["name"],
            json!({"before": "pet R-1", "after": "new"})
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_robot_can_be_is_refused_by_its_field() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let (robot, support) = (path(app, "R-1").await?, app.console(Role::Support).await?);
        let (long, longer) = ("x".repeat(256), "x".repeat(9000));
        for (name, value) in [
            ("name", json!("  ")),
            ("name", json!(long)),
            ("name", json!("a\0b")),
            ("wechat_no", json!("\0")),
            ("head_url", json!(longer)),
            ("head_url", json!("javascript:alert(1)")),
            ("qr_code", json!("\0")),
            ("channel", json!(long)),
            ("count_threshold", json!(-1)),
            ("count_threshold", json!(100_001)),
            ("count_threshold", json!("many")),
        ] {
            let refused = support.patch(&robot, json!({name: value})).await?;
            assert_eq!(field(&refused), (400, json!(name)), "{refused:?}");
            let mut new = registration("R-2");
            new[name] = value;
            let refused = support.post("/api/console/robots", new).await?;
            assert_eq!(field(&refused), (400, json!(name)), "{refused:?}");
        }
        let nobody = format!("/api/console/robots/{}", uuid::Uuid::nil());
        assert_eq!(
            support.patch(&nobody, json!({"name": "x"})).await?.outcome(),
            (404, 1404)
        );
        assert_eq!(
            support
                .post(&format!("{nobody}/return"), json!({}))
                .await?
                .outcome(),
            (404, 1404)
        );
        assert_eq!(support.delete(&nobody).await?.outcome(), (404, 1404));
        assert_eq!(deeds(app).await?, Vec::<String>::new());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_set_aside_comes_back_and_a_blocked_one_does_not() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let (robot, support) = (path(app, "R-1").await?, app.console(Role::Support).await?);
        let give_back = async |by: &Client| by.post(&format!("{robot}/return"), json!({})).await;
        assert_eq!(
            give_back(&app.console(Role::Viewer).await?).await?.outcome(),
            (403, 1401)
        );
        assert_eq!(
            give_back(&support).await?.data()["status"],
            1,
            "it is in service already"
        );
        support.post(&format!("{robot}/set-aside"), json!({})).await?;
        assert_eq!(today(app).await?, ["(15,45,0,0,set_aside)"]);
        assert!(!offered(app, "R-1").await?);
        for _ in 0..2 {
            assert_eq!(give_back(&support).await?.data()["status"], 1);
        }
        assert_eq!(today(app).await?, ["(15,45,0,0,)"]);
        assert!(offered(app, "R-1").await?);
        assert_eq!(deeds(app).await?, ["(set_robot_aside)", "(return_robot)"]);
        app.happens("abnormal_robot", json!({"robot_id": "R-1"})).await?;
        assert_eq!(give_back(&support).await?.outcome(), (409, 2004));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_robot_takes_its_groups_and_words_with_it() {
    with_app(async |app| {
        for code in ["R-1", "R-2"] {
            app.robot(code).await?;
        }
        let (robot, support) = (path(app, "R-1").await?, app.console(Role::Support).await?);
        app.befriends("U-1", "R-1").await?;
        app.all_pull(&[("U-1", "R-1", "G-1"), ("U-1", "R-1", "G-2")])
            .await?;
        let said = app.simulator.told("U-1").await?.len();
        let later = app.context.clock.now() + chrono::TimeDelta::hours(1);
        let person = "U-1".parse()?;
        let robots = [RobotCode::from_str("R-1")?, RobotCode::from_str("R-2")?];
        let words = robots.map(|robot| notice::say(&robot, &person, "later".to_owned()));
        let words = words
            .into_iter()
            .map(|word| Ok(word?.put_off(later)))
            .collect::<Result<_>>()?;
        outbox::push(app.context.db.autocommit(), app.context.clock.now(), words).await?;

        assert_eq!(
            app.console(Role::Viewer).await?.delete(&robot).await?.outcome(),
            (403, 1401)
        );
        let refused = support.delete(&robot).await?;
        assert_eq!(refused.outcome(), (409, 2004));
        assert_eq!(refused.data()["active_groups"], 2);
        assert_eq!(
            app.rows("SELECT DISTINCT status FROM groups").await?,
            ["(1)"],
            "nothing changed"
        );

        let deleted = support.delete(&format!("{robot}?cancel_groups=true")).await?;
        assert_eq!(deleted.outcome(), (200, 1200), "{deleted:?}");
        assert_eq!(
            app.rows("SELECT code, status, cancel_reason FROM groups ORDER BY 1")
                .await?,
            ["(G-1,3,4)", "(G-2,3,4)"]
        );
        assert!(!offered(app, "R-1").await?);
        app.drain().await?;
        let bound = app
            .simulator
            .gateway()
            .await?
            .groups
            .values()
            .filter(|group| group.bound)
            .count();
        assert_eq!(bound, 0, "the gateway was asked to let them go");
        app.later(chrono::TimeDelta::hours(2));
        app.drain().await?;
        assert_eq!(
            app.simulator.told("U-1").await?.len(),
            said + 1,
            "the other robot still speaks"
        );
        let unsent = "SELECT payload->>'robot_code', last_error FROM outbox WHERE state = 'failed'";
        assert_eq!(app.rows(unsent).await?, ["(R-1,\"the robot is deleted\")"]);
        let support = app.console(Role::Support).await?;
        assert_eq!(support.delete(&robot).await?.outcome(), (404, 1404), "it is gone");
        assert_eq!(
            support.patch(&robot, json!({"name": "x"})).await?.outcome(),
            (404, 1404)
        );
        assert_eq!(deeds(app).await?, ["(delete_robot)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bind_under_way_of_a_deleted_robot_is_undone() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        let (robot, support) = (path(app, "R-1").await?, app.console(Role::Support).await?);
        assert_eq!(support.delete(&robot).await?.outcome(), (200, 1200));
        let binding = json!({"group_id": "G-1", "robot_id": "R-1", "user_id": "U-1", "name": "n"});
        app.happens("bind_group_success", binding).await?;
        assert_eq!(app.rows("SELECT count(*) FROM groups").await?, ["(0)"]);
        let told = "SELECT state, payload->>'group_code' FROM outbox WHERE topic = 'unbind_group'";
        assert_eq!(app.rows(told).await?, ["(delivered,G-1)"]);
        let dead = "SELECT state, outcome FROM inbox_messages WHERE command = 'bind_group_success'";
        assert_eq!(
            app.rows(dead).await?,
            ["(done,\"the robot is deleted: unbound\")"]
        );
        let unknown = json!({"group_id": "G-1", "robot_id": "R-9", "user_id": "U-1", "name": "n"});
        app.happens("bind_group_success", unknown).await?;
        let dead = "SELECT count(*) FROM inbox_messages WHERE state = 'dead'";
        assert_eq!(
            app.rows(dead).await?,
            ["(1)"],
            "one that never was ours is for a person to look at"
        );
        app.execute("DELETE FROM inbox_messages WHERE state = 'dead'")
            .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_robots_code_comes_again_with_friends_and_the_days_counts() {
    with_app(async |app| {
        let support = app.console(Role::Support).await?;
        let new = async || support.post("/api/console/robots", registration("R-1")).await;
        let first = new().await?.data()["id"].clone();
        app.befriends("U-1", "R-1").await?;
        app.all_pull(&[("U-1", "R-1", "G-1"), ("U-1", "R-1", "G-2")])
            .await?;
        assert_eq!(new().await?.outcome(), (409, 1409), "it lives");
        let robot = path(app, "R-1").await?;
        support.delete(&format!("{robot}?cancel_groups=true")).await?;
        app.drain().await?;
        let again = new().await?;
        assert_eq!(again.outcome(), (200, 1200), "{again:?}");
        assert_eq!(
            (&again.data()["id"], &again.data()["status"]),
            (&first, &json!(1))
        );
        assert_eq!(again.data()["count_distribute"], 0);
        assert_eq!(
            today(app).await?,
            ["(15,45,0,2,)"],
            "the day's cap cannot be had twice"
        );
        assert_eq!(app.rows("SELECT count(*) FROM friendships").await?, ["(1)"]);
        app.pulls("U-1", "R-1", "G-1").await?;
        assert_eq!(
            app.rows("SELECT count(*) FROM groups WHERE status = 1").await?,
            ["(1)"]
        );
        Ok(())
    })
    .await;
}
