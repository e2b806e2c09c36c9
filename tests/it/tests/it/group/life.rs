//! One group from its binding to its end.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use domain::group;
use domain::group::Rating;
use domain::identity::Role;
use it::{App, with_app, with_app_configured};
use kernel::id::GroupId;
use serde_json::json;
use simulators::gateway::Event;
use simulators::{Action, Partner};

pub(super) async fn group_id(app: &App, code: &str) -> Result<GroupId> {
    let id = app
        .scalar(
            "SELECT id FROM groups WHERE code = $1 AND cancelled_at IS NULL",
            [code.into()],
        )
        .await?;
    id.map(GroupId)
        .with_context(|| format!("there is no group {code}"))
}

/// Rates groups as the star system would, and lets what follows happen.
pub(super) async fn rate(app: &App, ratings: &[(&str, i64, i64)]) -> Result<()> {
    let ratings = ratings
        .iter()
        .map(|(code, state, star)| Ok(Rating::new(code.parse()?, *state, *star)?))
        .collect::<Result<Vec<_>>>()?;
    group::rate(&app.context, ratings).await?;
    app.drain().await
}

/// A robot, a person who befriended it, and their group.
async fn settled_in(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    app.befriends("U-1", "R-1").await?;
    app.pulls("U-1", "R-1", "G-1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn stars_are_told_once_and_good_groups_get_no_ads() {
    with_app(async |app| {
        settled_in(app).await?;
        let before = app.simulator.told("U-1").await?.len();
        rate(app, &[("G-1", 1, 3), ("G-unknown", 1, 3)]).await?;
        rate(app, &[("G-1", 1, 3)]).await?;
        let told = app.simulator.told("U-1").await?.split_off(before);
        assert_eq!(told.len(), 1, "the same rating again is no news: {told:?}");
        assert!(told[0].contains("3星"), "{told:?}");
        assert_eq!(
            app.rows("SELECT star, star_state, launch_switch FROM groups")
                .await?,
            ["(3,1,t)"]
        );

        rate(app, &[("G-1", 2, 5)]).await?;
        assert_eq!(
            app.rows("SELECT star, star_state, launch_switch FROM groups")
                .await?,
            ["(5,2,f)"]
        );
        let switches = app.simulator.launch().await?.switches;
        assert_eq!(
            switches.get("G-1"),
            Some(&false),
            "the delivery system heard of it"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_gives_a_group_up() {
    with_app(async |app| {
        settled_in(app).await?;
        let (user, id) = (app.user("U-1").await?, group_id(app, "G-1").await?);
        let stranger = app.befriends("U-2", "R-1").await?;
        let refused = group::cancel_for_user(&app.context, stranger, id).await;
        assert_eq!(refused.unwrap_err().code.number(), 1404);
        group::cancel_for_user(&app.context, user, id).await?;
        app.drain().await?;
        assert_eq!(
            app.rows("SELECT status, cancel_reason FROM groups").await?,
            ["(3,4)"]
        );
        let robot = app
            .rows("SELECT count_distribute, activations FROM robots JOIN robot_days ON id = robot_id")
            .await?;
        assert_eq!(
            robot,
            ["(0,1)"],
            "a place for life is free again, one of today's is not"
        );
        let books = app.simulator.gateway().await?;
        assert!(!books.groups["G-1"].bound);
        assert_eq!(app.rows("SELECT * FROM unbind_requests").await?.len(), 0);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kick_is_told_once_and_the_count_survives_a_return() {
    with_app(async |app| {
        settled_in(app).await?;
        app.execute("UPDATE group_settle_counts SET settle_count = 12").await?;
        let before = app.simulator.told("U-1").await?.len();
        let kick = || Event::new("robot_kicked", json!({"robot_id": "R-1", "group_id": "G-1"}));
        app.simulator.inject(&[kick(), kick()]).await?;
        app.drain().await?;
        let told = app.simulator.told("U-1").await?.split_off(before);
        assert_eq!(told.len(), 1, "{told:?}");
        app.later(TimeDelta::minutes(5));
        app.pulls("U-1", "R-1", "G-1").await?;
        let stays = "SELECT status, running_status, cancel_reason, settle_count FROM groups JOIN group_settle_counts ON group_id = id
                     ORDER BY bound_at";
        assert_eq!(app.rows(stays).await?, ["(3,2,3,12)", "(1,1,,12)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_occupied_group_stays_with_its_first_importer() {
    with_app(async |app| {
        settled_in(app).await?;
        app.robot("R-2").await?;
        app.befriends("U-2", "R-2").await?;
        app.pulls("U-2", "R-2", "G-1").await?;
        let told = app.simulator.told("U-2").await?;
        assert!(
            told.last().is_some_and(|text| text.contains("已经有别的主人")),
            "{told:?}"
        );
        let first = app.user("U-1").await?;
        let owner = app.rows("SELECT user_id FROM groups").await?;
        assert_eq!(owner, [format!("({first})")]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_binding_shows_a_companion() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.robot("R-2").await?;
        app.befriends("U-1", "R-1").await?;
        let refuse = Action::Refuse {
            code: 101.into(),
            http_status: None,
            body: None,
        };
        app.simulator.next(Partner::Gateway, "bind_group", refuse).await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        assert_eq!(app.rows("SELECT code FROM groups").await?.len(), 0);
        let removed = app
            .rows("SELECT code, removed_reason FROM robot_days JOIN robots ON id = robot_id ORDER BY code")
            .await?;
        assert_eq!(removed, ["(R-1,bind_refused)", "(R-2,)"]);
        let told = app.simulator.told("U-1").await?;
        assert!(told.iter().any(|text| text.contains("pet R-2")), "{told:?}");
        assert!(
            told.contains(&"https://qr.example/R-2.png".to_owned()),
            "{told:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_star_too_many_and_a_quiet_group_are_left() {
    with_app_configured(
        |config| config.groups.one_star_per_user = 2,
        async |app| {
            settled_in(app).await?;
            for code in ["G-2", "G-3", "G-4"] {
                app.pulls("U-1", "R-1", code).await?;
            }
            rate(app, &[("G-1", 1, 1), ("G-2", 1, 1)]).await?;
            rate(app, &[("G-3", 1, 1)]).await?;
            rate(app, &[("G-3", 1, 1)]).await?;
            let groups = app
                .rows("SELECT code, status, cancel_reason FROM groups ORDER BY code")
                .await?;
            assert_eq!(groups, ["(G-1,1,)", "(G-2,1,)", "(G-3,3,5)", "(G-4,1,)"]);
            rate(app, &[("G-2", 6, 1)]).await?;
            let groups = app
                .rows("SELECT code, status, cancel_reason FROM groups ORDER BY code")
                .await?;
            assert_eq!(groups, ["(G-1,1,)", "(G-2,3,7)", "(G-3,3,5)", "(G-4,1,)"]);
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_night_stars_wait_for_the_morning() {
    with_app(async |app| {
        settled_in(app).await?;
        app.at("2026-11-22T00:30:00")?;
        let before = app.simulator.told("U-1").await?.len();
        rate(app, &[("G-1", 1, 2)]).await?;
        assert_eq!(app.simulator.told("U-1").await?.len(), before, "nobody is woken");
        app.at("2026-11-22T08:00:01")?;
        app.drain().await?;
        assert_eq!(app.simulator.told("U-1").await?.len(), before + 1);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_the_rated_the_waiting_or_all_groups() {
    with_app(async |app| {
        settled_in(app).await?;
        app.pulls("U-1", "R-1", "G-2").await?;
        rate(app, &[("G-1", 1, 3)]).await?;
        let user = app.h5(app.user("U-1").await?)?;
        let codes = async |query: &str| -> Result<Vec<String>> {
            let reply = user.get(&format!("/api/h5/groups{query}")).await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
            let groups = reply.data().as_array().context("no list")?;
            let mut codes: Vec<String> = groups.iter().map(|group| group["code"].to_string()).collect();
            codes.sort();
            Ok(codes)
        };
        assert_eq!(codes("?status=1").await?, ["\"G-1\""]);
        assert_eq!(codes("?status=0").await?, ["\"G-2\""]);
        assert_eq!(codes("").await?, ["\"G-1\"", "\"G-2\""]);
        assert_eq!(user.get("/api/h5/groups?status=2").await?.outcome(), (400, 1403));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_reads_whether_a_group_still_earns() {
    with_app(async |app| {
        settled_in(app).await?;
        let user = app.h5(app.user("U-1").await?)?;
        let status = async || -> Result<String> {
            let reply = user.get("/api/h5/groups").await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
            Ok(reply.data()[0]["income_status"].to_string())
        };
        assert_eq!(status().await?, "null", "it waits for its star");
        rate(app, &[("G-1", 1, 3)]).await?;
        assert_eq!(status().await?, "\"earning\"");
        app.execute("UPDATE group_settle_counts SET settle_count = 30")
            .await?;
        assert_eq!(status().await?, "\"earning\"", "ads still pay");
        app.execute("UPDATE groups SET launch_switch = false").await?;
        assert_eq!(status().await?, "\"over\"");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_known_states_and_reasons_are_taken() {
    with_app(async |app| {
        settled_in(app).await?;
        let operator = app.console(Role::Support).await?;
        let found = async |query: &str| -> Result<usize> {
            let reply = operator.get(&format!("/api/console/groups?{query}")).await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
            Ok(reply.data().as_array().context("no list")?.len())
        };
        assert_eq!(found("status=1").await?, 1);
        assert_eq!(found("status=3").await?, 0);
        assert_eq!(found("cancel_reason=7&star=5").await?, 0);
        for (query, field) in [
            ("status=4", "status"),
            ("star=0", "star"),
            ("cancel_reason=8", "cancel_reason"),
        ] {
            let refused = operator.get(&format!("/api/console/groups?{query}")).await?;
            assert_eq!(refused.outcome(), (400, 1403), "{refused:?}");
            assert_eq!(refused.data()["field"], field, "{refused:?}");
        }
        let id = group_id(app, "G-1").await?;
        for reason in [3, 6, 8] {
            let body = json!({"group_ids": [id.to_string()], "reason": reason});
            let refused = operator.post("/api/console/groups/cancel", body).await?;
            assert_eq!(refused.outcome(), (400, 1403), "{refused:?}");
            assert_eq!(refused.data()["field"], "reason", "{refused:?}");
        }
        let user = app.h5(app.user("U-1").await?)?;
        let refused = user
            .delete(&format!("/api/h5/groups/{id}?cancel_reason=5"))
            .await?;
        assert_eq!(refused.outcome(), (400, 1403), "{refused:?}");
        app.drain().await?;
        assert_eq!(
            app.rows("SELECT status, cancel_reason FROM groups").await?,
            ["(1,)"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_reads_what_the_robot_is_called() {
    with_app(async |app| {
        settled_in(app).await?;
        let user = app.h5(app.user("U-1").await?)?;
        let name = async || -> Result<String> {
            let reply = user.get("/api/h5/groups").await?;
            Ok(reply.data()[0]["robot_name"].to_string())
        };
        assert_eq!(name().await?, "\"pet R-1\"");
        app.execute("UPDATE groups SET robot_nickname = '小宠'").await?;
        assert_eq!(name().await?, "\"小宠\"", "in the group it has a name of its own");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_giving_groups_up_changes_nothing() {
    with_app(async |app| {
        settled_in(app).await?;
        let id = group_id(app, "G-1").await?;
        let gone = "018f2d3e-0000-7000-8000-0000000000ff";
        let operator = app.console(Role::Support).await?;
        let body = json!({"group_ids": [id.to_string(), gone], "reason": 4, "dry_run": true});
        let told = operator.post("/api/console/groups/cancel", body.clone()).await?;
        assert_eq!(told.outcome(), (200, 1200), "{told:?}");
        let cancelled = [&told.data()[0]["cancelled"], &told.data()[1]["cancelled"]];
        assert_eq!(cancelled, [&json!(true), &json!(false)]);
        app.drain().await?;
        assert_eq!(
            app.rows("SELECT status, cancel_reason FROM groups").await?,
            ["(1,)"]
        );
        assert_eq!(app.rows("SELECT count(*) FROM audit_entries").await?, ["(0)"]);
        let mut real = body;
        real["dry_run"] = json!(false);
        operator.post("/api/console/groups/cancel", real).await?;
        app.drain().await?;
        assert_eq!(
            app.rows("SELECT status, cancel_reason FROM groups").await?,
            ["(3,4)"]
        );
        Ok(())
    })
    .await;
}
