//! The clean-up: planned once, held in part, carried out, and never a young group.

use super::life::{group_id, rate};
use anyhow::{Context as _, Result};
use domain::group::cleanup::{self, Step, Summary};
use domain::identity::Role;
use domain::identity::operator;
use it::{App, with_app_configured};
use kernel::id::GroupId;
use kernel::page::Page;
use serde_json::json;

const PAGE: Page = Page { current: 0, size: 50 };

/// Step, planned, held, asked, lapsed.
fn steps(summary: &Summary) -> Vec<(&str, i64, i64, i64, i64)> {
    let steps = summary.steps.iter();
    steps
        .map(|step| (step.step.name(), step.groups, step.held, step.asked, step.lapsed))
        .collect()
}

async fn seven_groups(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    app.befriends("U-1", "R-1").await?;
    for number in 1..=7 {
        app.pulls("U-1", "R-1", &format!("G-{number}")).await?;
    }
    // Five of one star, the fourth's delivery is off; two of two stars.
    let ratings = [
        ("G-1", 1, 1),
        ("G-2", 1, 1),
        ("G-3", 1, 1),
        ("G-4", 1, 1),
        ("G-5", 1, 1),
        ("G-6", 1, 2),
        ("G-7", 1, 2),
    ];
    rate(app, &ratings).await?;
    app.execute("UPDATE groups SET launch_switch = false WHERE code = 'G-4'")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_once_held_in_part_and_carried_out() {
    with_app_configured(
        |config| {
            config.groups.one_star_total_limit = 3;
            config.groups.two_star_total_limit = 1;
        },
        async |app| {
            seven_groups(app).await?;
            let context = &app.context;
            let young = cleanup::plan(context, "2026-11-21".parse()?, true).await?;
            assert_eq!(steps(&young), [], "younger than three days");
            app.at("2026-11-25T03:30:00")?;
            let date = "2026-11-25".parse()?;
            let dry = cleanup::plan(context, date, true).await?;
            assert!(dry.plan.is_none());
            assert!(
                cleanup::find(context, date).await?.is_none(),
                "a dry run leaves nothing"
            );
            let planned = cleanup::plan(context, date, false).await?;
            assert_eq!(steps(&planned), steps(&dry));
            let expected = [
                ("delivery_off", 1, 0, 0, 0),
                ("oldest_one_star", 1, 0, 0, 0),
                ("oldest_two_star", 1, 0, 0, 0),
            ];
            assert_eq!(steps(&planned), expected);
            let plan = planned.plan.context("no plan")?.id;
            let again = cleanup::plan(context, date, false)
                .await?
                .plan
                .context("no plan")?
                .id;
            assert_eq!(plan, again, "a date has one plan");

            let entries = cleanup::entries(context, plan, PAGE).await?.rows;
            let one_star = entries
                .iter()
                .find(|entry| entry.step == Step::OldestOneStar)
                .context("no entry")?;
            assert_eq!(one_star.code.as_str(), "G-1", "the oldest");
            let operator =
                operator::add(context, "op", Role::Admin, "a password of some length".into()).await?;
            cleanup::hold(context, operator, plan, one_star.group_id, "a friend's").await?;
            rate(app, &[("G-6", 2, 4)]).await?;

            let done = cleanup::carry_out(context, date).await?;
            let expected = [
                ("delivery_off", 1, 0, 1, 0),
                ("oldest_one_star", 1, 1, 0, 0),
                ("oldest_two_star", 1, 0, 0, 1),
            ];
            assert_eq!(steps(&done), expected, "one held, one rated otherwise meanwhile");
            app.drain().await?;
            cleanup::carry_out(context, date).await?;
            app.drain().await?;
            let gone = app
                .rows("SELECT code, cancel_reason FROM groups WHERE status = 3")
                .await?;
            assert_eq!(gone, ["(G-4,4)"]);
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_name_goes_whatever_its_star() {
    with_app_configured(
        |config| config.groups.illegal_name = "%赌%|%bet%".to_owned(),
        async |app| {
            seven_groups(app).await?;
            app.execute("UPDATE groups SET name = '聚赌群' WHERE code = 'G-7'")
                .await?;
            app.at("2026-11-25T03:30:00")?;
            let date = "2026-11-25".parse()?;
            cleanup::plan(&app.context, date, false).await?;
            cleanup::carry_out(&app.context, date).await?;
            app.drain().await?;
            let gone = app
                .rows("SELECT code, cancel_reason FROM groups WHERE status = 3")
                .await?;
            assert_eq!(gone, ["(G-7,1)"]);
            app.pulls("U-1", "R-1", "G-7").await?;
            let told = app.simulator.told("U-1").await?;
            assert!(
                told.last().is_some_and(|text| text.contains("危害群生态")),
                "and may not return: {told:?}"
            );
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_held_is_let_go_until_the_plan_is_carried_out() {
    with_app_configured(
        |config| config.groups.two_star_total_limit = 0,
        async |app| {
            seven_groups(app).await?;
            app.at("2026-11-25T03:30:00")?;
            let date = "2026-11-25".parse()?;
            cleanup::plan(&app.context, date, false).await?;
            let [six, seven, one] = [
                group_id(app, "G-6").await?,
                group_id(app, "G-7").await?,
                group_id(app, "G-1").await?,
            ];
            let (support, viewer) = (
                app.console(Role::Support).await?,
                app.console(Role::Viewer).await?,
            );
            let plan = "/api/console/cleanup/plans/2026-11-25";
            let release = async |by: &it::Client, group: GroupId| {
                by.post(&format!("{plan}/release"), json!({ "group_id": group }))
                    .await
            };
            for group in [six, seven] {
                let held = json!({ "group_id": group, "reason": "a friend's" });
                assert_eq!(
                    support.post(&format!("{plan}/hold"), held).await?.outcome(),
                    (200, 1200)
                );
            }
            assert_eq!(release(&viewer, six).await?.outcome(), (403, 1401));
            assert_eq!(
                release(&support, one).await?.outcome(),
                (404, 1404),
                "not in the plan"
            );
            for _ in 0..2 {
                assert_eq!(release(&support, six).await?.outcome(), (200, 1200));
            }
            let deeds = app
                .rows("SELECT action, detail->>'reason' FROM audit_entries WHERE action = 'release_cleanup'")
                .await?;
            assert_eq!(deeds, ["(release_cleanup,\"a friend's\")"], "once");

            let done = cleanup::carry_out(&app.context, date).await?;
            assert_eq!(steps(&done), [("oldest_two_star", 2, 1, 1, 0)]);
            for group in [six, seven] {
                assert_eq!(
                    release(&support, group).await?.outcome(),
                    (409, 2004),
                    "it is over"
                );
            }
            app.drain().await?;
            assert_eq!(
                app.rows("SELECT code FROM groups WHERE status = 3").await?,
                ["(G-6)"]
            );
            let nul = json!({ "group_id": seven, "reason": "a\0b" });
            assert_eq!(
                support.post(&format!("{plan}/hold"), nul).await?.outcome(),
                (400, 1403)
            );
            Ok(())
        },
    )
    .await;
}

/// Plans of other dates can be asked for by hand, before a date's own and after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_keeps_a_group_out_of_other_dates_plans_too() {
    with_app_configured(
        |config| config.groups.two_star_total_limit = 0,
        async |app| {
            seven_groups(app).await?;
            app.at("2026-11-25T03:30:00")?;
            let context = &app.context;
            let [before, planned_early, date, next] = [
                "2026-11-23".parse()?,
                "2026-11-24".parse()?,
                "2026-11-25".parse()?,
                "2026-11-26".parse()?,
            ];
            cleanup::plan(context, planned_early, false).await?;
            cleanup::plan(context, date, false).await?;
            let (six, support) = (group_id(app, "G-6").await?, app.console(Role::Support).await?);
            let hold = |reason: &'static str| {
                let held = json!({ "group_id": six, "reason": reason });
                support.post("/api/console/cleanup/plans/2026-11-25/hold", held)
            };
            assert_eq!(hold("a friend's").await?.outcome(), (200, 1200));

            let done = cleanup::carry_out(context, planned_early).await?;
            assert_eq!(
                steps(&done),
                [("oldest_two_star", 2, 0, 1, 1)],
                "held elsewhere since"
            );
            let planned = cleanup::plan(context, before, false).await?;
            assert_eq!(steps(&planned), [], "one is held, the other is going");
            cleanup::carry_out(context, date).await?;
            cleanup::plan(context, before, false).await?;
            cleanup::carry_out(context, before).await?;
            app.drain().await?;
            let gone = "SELECT code FROM groups WHERE status = 3";
            assert_eq!(app.rows(gone).await?, ["(G-7)"]);

            let planned = cleanup::plan(context, next, false).await?;
            assert_eq!(
                steps(&planned),
                [("oldest_two_star", 1, 0, 0, 0)],
                "a later plan may be looked at again"
            );
            cleanup::carry_out(context, next).await?;
            assert_eq!(
                hold("too late").await?.outcome(),
                (409, 2004),
                "it is on its way out"
            );
            app.drain().await?;
            assert_eq!(app.rows(gone).await?.len(), 2);
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_comes_while_another_plan_is_carried_out_is_kept_or_refused() {
    with_app_configured(
        |config| config.groups.two_star_total_limit = 0,
        async |app| {
            seven_groups(app).await?;
            app.at("2026-11-25T03:30:00")?;
            let context = &app.context;
            let (early, date) = ("2026-11-24".parse()?, "2026-11-25".parse()?);
            cleanup::plan(context, early, false).await?;
            cleanup::plan(context, date, false).await?;
            let (six, support) = (group_id(app, "G-6").await?, app.console(Role::Support).await?);
            let held = json!({ "group_id": six, "reason": "a friend's" });
            let (done, held) = tokio::join!(
                cleanup::carry_out(context, early),
                support.post("/api/console/cleanup/plans/2026-11-25/hold", held)
            );
            done?;
            app.drain().await?;
            let gone = app
                .rows("SELECT FROM groups WHERE status = 3 AND code = 'G-6'")
                .await?
                .len();
            assert_eq!(
                (gone, held?.outcome()),
                if gone == 0 {
                    (0, (200, 1200))
                } else {
                    (1, (409, 2004))
                }
            );
            Ok(())
        },
    )
    .await;
}
