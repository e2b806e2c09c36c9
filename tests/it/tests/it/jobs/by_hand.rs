//! What is run by hand takes one date off what a job owes, and leaves all others.

use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use it::campaign::built;
use it::{App, with_app, with_stores};
use scheduler::engine::{self, ByHand};
use scheduler::registry;
use serde_json::json;
use stack::OwnedCommand;

async fn by_the_clock(app: &App) -> Result<()> {
    engine::run_due(&app.context, Some(&app.outside)).await?;
    Ok(())
}

/// Business dates of a job, in the order they were done.
async fn done(app: &App, job: &str) -> Result<Vec<String>> {
    app.rows(&format!(
        "SELECT business_date FROM job_runs WHERE job = '{job}' AND state = 'done' ORDER BY finished_at, business_date"
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_past_a_gap_leaves_no_date_behind() {
    for job in [
        "settle_groups",
        "check_ledger",
        "reconcile_payouts",
        "flush_activity",
    ] {
        with_app(async |app| {
            app.at("2026-11-17T10:00:00")?;
            by_the_clock(app).await?;
            // Three days away; then somebody is impatient.
            app.at("2026-11-20T10:00:00")?;
            let newest = if job == "check_ledger" { 20 } else { 19 };
            app.run_job(job, &format!("2026-11-{newest}")).await?;
            app.later(TimeDelta::minutes(1));
            by_the_clock(app).await?;
            let mut dates = done(app, job).await?;
            dates.sort();
            let expected: Vec<String> = (newest - 3..=newest)
                .map(|day| format!("(2026-11-{day})"))
                .collect();
            assert_eq!(dates, expected, "{job}");
            Ok(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_of_groups_are_settled_in_order_by_hand_too() {
    with_app(async |app| {
        app.at("2026-11-17T10:00:00")?;
        by_the_clock(app).await?;
        app.at("2026-11-20T10:00:00")?;
        app.run_job("settle_groups", "2026-11-19").await?;
        by_the_clock(app).await?;
        let settled = app
            .rows("SELECT settle_date FROM settlement_runs ORDER BY id")
            .await?;
        let expected = ["(2026-11-16)", "(2026-11-17)", "(2026-11-18)", "(2026-11-19)"];
        assert_eq!(settled, expected);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_has_not_come_is_refused_by_the_console() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let today = app.context.clock.today();
        let (tomorrow, today) = (today.plus_days(1).to_string(), today.to_string());
        let wrong = [
            ("settle_groups", json!({ "date": today }), "date"),
            ("settle_groups", json!({ "date": "2062-01-01" }), "date"),
            (
                "settle_groups",
                json!({ "date": tomorrow, "allow_open_day": true }),
                "date",
            ),
            (
                "check_ledger",
                json!({ "date": tomorrow, "dry_run": true }),
                "date",
            ),
            ("pay_withdrawals", json!({ "date": tomorrow }), "date"),
            ("nonsense", json!({ "date": today }), "name"),
        ];
        for (job, order, field) in wrong {
            let path = format!("/api/console/jobs/{job}/runs");
            let reply = operator.post(&path, order.clone()).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{job} {order}: {reply:?}");
            assert_eq!(reply.data()["field"], field, "{job} {order}: {reply:?}");
        }
        assert_eq!(app.rows("SELECT FROM job_requests").await?.len(), 0);
        for job in ["settle_groups", "check_ledger", "pay_withdrawals"] {
            let date = if job == "settle_groups" {
                "2026-11-20"
            } else {
                &today
            };
            let path = format!("/api/console/jobs/{job}/runs");
            let reply = operator.post(&path, json!({ "date": date })).await?;
            assert_eq!(reply.outcome(), (200, 1200), "{job}: {reply:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_refuses_what_the_console_refuses() {
    with_stores(async |stores| {
        let refused = [
            ["check_ledger", "--date", "2026-11-22"].as_slice(),
            &["settle_groups", "--date", "2026-11-21"],
            &["check_ledger", "--date", "2062-01-01", "--dry-run"],
            &["retry_inbox", "--date", "2026-11-22"],
            &["retry_inbox", "--dry-run"],
            &["pay_withdrawals", "--dry-run"],
            &["nonsense", "--date", "2026-11-20"],
        ];
        for arguments in refused {
            assert!(!succeeds(stores, arguments).await?, "{arguments:?}");
        }
        let rows = it::fixture::rows(&stores.context, "SELECT FROM job_runs").await?;
        assert_eq!(rows.len(), 0, "nothing of it was written down");
        for arguments in [
            ["check_ledger", "--date", "2026-11-21"],
            ["settle_groups", "--date", "2026-11-20"],
        ] {
            assert!(succeeds(stores, &arguments).await?, "{arguments:?}");
        }
        Ok(())
    })
    .await;
}

/// Whether `scheduler run-job` ends well at the time of the test's clock.
async fn succeeds(stores: &it::Stores, arguments: &[&str]) -> Result<bool> {
    let mut command = OwnedCommand::new(built("scheduler")?).args(["run-job"].iter().chain(arguments));
    for (name, value) in &stores.environment {
        command = command.env(name, value);
    }
    let clock = stores.context.clock.now().to_rfc3339();
    let ended = command.env("GPET_CLOCK", clock).spawn()?.wait().await;
    Ok(ended.is_some_and(|status| status.success()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_left_in_the_future_silences_nothing() {
    with_app(async |app| {
        by_the_clock(app).await?;
        // What an older version, or a clock that was ahead, left behind.
        for (date, state) in [("2026-11-22", "done"), ("2062-01-01", "done"), ("2062-01-02", "failed")] {
            app.execute(&format!(
                "INSERT INTO job_runs (job, business_date, state, created_at, started_at, finished_at)
                 SELECT 'check_ledger', '{date}', '{state}', at, at, at FROM (SELECT '2026-11-21T01:00:00Z'::timestamptz AS at) AS row"
            ))
            .await?;
        }
        by_the_clock(app).await?;
        app.at("2026-11-23T10:00:00")?;
        by_the_clock(app).await?;
        let dates = done(app, "check_ledger").await?;
        assert_eq!(dates, ["(2026-11-21)", "(2026-11-22)", "(2026-11-23)"]);
        let future = "SELECT state, attempts FROM job_runs WHERE business_date > '2060-01-01'";
        assert_eq!(app.rows(future).await?, ["(due,0)", "(due,0)"], "not before their time");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_owes_no_past() {
    with_app(async |app| {
        app.run_job("check_ledger", "2026-10-01").await?;
        app.run_job("settle_groups", "2026-10-01").await?;
        // Of this week: a job before it, which the next waits for, must not be missing for ever.
        app.run_job("collect_fees", "2026-11-18").await?;
        by_the_clock(app).await?;
        let dates = done(app, "check_ledger").await?;
        assert_eq!(dates, ["(2026-10-01)", "(2026-11-21)"]);
        let dates = done(app, "settle_groups").await?;
        assert_eq!(dates, ["(2026-10-01)", "(2026-11-20)"]);
        let dates = done(app, "collect_fees").await?;
        assert_eq!(dates, ["(2026-11-18)", "(2026-11-21)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_not_done() {
    with_app(async |app| {
        by_the_clock(app).await?;
        app.at("2026-11-23T10:00:00")?;
        let dry = ByHand {
            dry_run: true,
            ..ByHand::default()
        };
        let job = registry::find("settle_groups")?;
        engine::run_by_hand(&app.context, Some(&app.outside), job, "2026-11-22".parse()?, dry).await?;
        by_the_clock(app).await?;
        let dates = done(app, "settle_groups").await?;
        assert_eq!(dates, ["(2026-11-20)", "(2026-11-21)", "(2026-11-22)"]);
        Ok(())
    })
    .await;
}
