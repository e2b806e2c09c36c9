//! The nightly look at the gateway's lists.

use anyhow::Result;
use chrono::TimeDelta;
use domain::group::{Reconciliation, reconcile};
use it::{App, with_app};
use simulators::gateway::Group;
use simulators::{Action, Partner, Rule};

async fn night(app: &App, date: &str) -> Result<Reconciliation> {
    let robots = &app.outside.transports;
    Ok(reconcile(&app.context, robots, date.parse()?).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_missing_for_two_nights_is_over() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        app.pulls("U-1", "R-1", "G-2").await?;
        let mut lost = app.simulator.gateway().await?.groups["G-1"].clone();
        (lost.bound, lost.robot_in_group) = (false, false);
        let strange = Group {
            robot_id: "R-1".into(),
            bound: true,
            robot_in_group: true,
            ..Group::new("G-strange")
        };
        app.simulator.set_groups(&[lost, strange]).await?;

        app.later(TimeDelta::hours(15));
        for _ in 0..2 {
            let first = night(app, "2026-11-22").await?;
            assert_eq!(
                first.cancelled, 0,
                "one night is no proof, however often it is looked at: {first:?}"
            );
            assert_eq!(
                first.unheld.first().map(|group| group.group_code.as_str()),
                Some("G-strange")
            );
        }
        app.later(TimeDelta::hours(24));
        let second = night(app, "2026-11-23").await?;
        assert_eq!((second.cancelled, second.skipped.len()), (1, 0), "{second:?}");
        app.drain().await?;
        let groups = app
            .rows("SELECT code, status, cancel_reason FROM groups ORDER BY code")
            .await?;
        assert_eq!(groups, ["(G-1,3,3)", "(G-2,1,)"]);
        assert_eq!(app.rows("SELECT count_distribute FROM robots").await?, ["(1)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_cannot_answer_proves_nothing() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        app.pulls("U-1", "R-1", "G-1").await?;
        let broken = Action::Refuse {
            code: 500.into(),
            http_status: Some(500),
            body: None,
        };
        let always = Rule {
            times: -1,
            ..Rule::next(Partner::Gateway, "robot_groups", broken)
        };
        app.simulator.script(&[always]).await?;
        for date in ["2026-11-22", "2026-11-23", "2026-11-24"] {
            app.later(TimeDelta::hours(24));
            let report = night(app, date).await?;
            assert_eq!(
                (report.missing, report.cancelled, report.skipped.len()),
                (0, 0, 1),
                "{report:?}"
            );
        }
        assert_eq!(app.rows("SELECT status FROM groups").await?, ["(1)"]);
        Ok(())
    })
    .await;
}
