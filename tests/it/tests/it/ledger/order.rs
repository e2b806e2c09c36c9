//! Which check is the newest: the one that saw the newest books, whatever a process's clock shows.

use chrono::TimeDelta;
use domain::identity::Role;
use domain::ledger::check::{self, Report};
use domain::settlement::audit;
use it::with_app;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_does_not_make_a_check_the_newest() {
    with_app(async |app| {
        let context = &app.context;
        let now = context.clock.now();
        context.clock.set(now + TimeDelta::hours(3));
        assert!(
            audit(context, false).await?.clean,
            "by a process whose clock is ahead"
        );
        context.clock.set(now);
        app.execute("UPDATE house_accounts SET balance = balance + 1 WHERE account = 13")
            .await?;
        assert!(!audit(context, false).await?.clean);
        assert!(
            !check::newest_is_clean(context.db.autocommit()).await?,
            "payouts must stop"
        );
        let operator = app.console(Role::Viewer).await?;
        let checks = operator.get("/api/console/ledger/checks").await?;
        assert_eq!(checks.data()[0]["clean"], false, "{checks:?}");
        app.execute("UPDATE house_accounts SET balance = balance - 1 WHERE account = 13")
            .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_looked_earlier_and_took_longer_is_the_older() {
    with_app(async |app| {
        let context = &app.context;
        let now = context.clock.now();
        let slow = check::snapshot(context).await?;
        app.execute("UPDATE house_accounts SET balance = balance + 1 WHERE account = 13")
            .await?;
        assert!(!audit(context, false).await?.clean);
        let findings = check::offenders(&slow.txn).await?;
        check::keep(slow, &Report::new(now + TimeDelta::minutes(1), findings)).await?;
        assert!(
            !check::newest_is_clean(context.db.autocommit()).await?,
            "it saw the books before the damage"
        );
        app.execute("UPDATE house_accounts SET balance = balance - 1 WHERE account = 13")
            .await
    })
    .await;
}
