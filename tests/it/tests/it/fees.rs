//! Adoption fees are collected from the income of the day before, however late it comes.

use crate::identity::adopt;
use chrono::TimeDelta;
use it::with_app;
use kernel::job_run::{self, LEASE, Slot};
use scheduler::engine;
use serde_json::json;

const DAY: &str = "2026-11-21";

#[tokio::test(flavor = "multi_thread")]
async fn fees_wait_for_the_settlements_before_them() {
    with_app(async |app| {
        let (conn, clock) = (app.context.db.autocommit(), &app.context.clock);
        app.robot("R-1").await?;
        adopt(app, "ann", "R-1", None).await?;
        app.pulls("U-ann", "R-1", "G-1").await?;
        let revenue = json!({"settle_date": DAY, "data": {"G-1": "0.48"}});
        app.signed_post("/settlement", revenue).await?;
        app.at("2026-11-22T02:45:00")?;
        let fees = "SELECT job, state, (SELECT count(*) FROM slips WHERE amount_type = 8) FROM job_runs
                    WHERE job = 'collect_fees' AND business_date = '2026-11-22'";
        for settlement in ["settle_groups", "settle_ads"] {
            // Somebody was at it and is dead: it stays open until their claim lapses.
            let slot = Slot::first(DAY.parse()?);
            job_run::claim(conn, settlement, slot, slot, clock.now()).await?;
            engine::run_due(&app.context, Some(&app.outside)).await?;
            assert_eq!(
                app.rows(fees).await?,
                ["(collect_fees,failed,0)"],
                "without {settlement}"
            );
            app.later(LEASE + TimeDelta::seconds(1));
        }
        engine::run_due(&app.context, Some(&app.outside)).await?;
        assert_eq!(app.rows(fees).await?, ["(collect_fees,done,1)"]);
        Ok(())
    })
    .await;
}
