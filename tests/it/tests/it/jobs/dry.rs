//! A dry run changes nothing: no row, no table, nothing in the outbox, no word to a partner. What cannot be dry refuses.

use crate::identity::adopt;
use crate::withdrawal::approved;
use anyhow::Result;
use domain::identity::Role;
use domain::operations::job_catalogue::WORKERS;
use it::{App, with_app};
use kernel::partitions;
use scheduler::by_hand;
use scheduler::engine::ByHand;
use serde_json::json;

const DRY: ByHand = ByHand {
    dry_run: true,
    allow_open_day: false,
};

/// Every table of both schemas with what is in it, and what Redis holds.
async fn everything(app: &App) -> Result<Vec<String>> {
    let tables = "SELECT relnamespace::regnamespace || '.' || quote_ident(relname) FROM pg_class
                  WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text IN ('public', 'archive') ORDER BY 1";
    let mut state = Vec::new();
    for table in app.rows(tables).await? {
        let table = table.trim_matches(['(', ')']);
        let rows = app
            .rows(&format!(
                "SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {table} AS t"
            ))
            .await?;
        state.push(format!("{table} {rows:?}"));
    }
    let mut keys: Vec<String> = app
        .context
        .cache
        .run(deadpool_redis::redis::cmd("KEYS").arg("*"))
        .await?;
    keys.sort();
    state.extend(keys);
    Ok(state)
}

/// Something for each of them to do.
async fn a_business_under_way(app: &App) -> Result<()> {
    for robot in ["R-1", "R-2"] {
        app.robot(robot).await?;
    }
    adopt(app, "ann", "R-1", None).await?;
    app.pulls("U-ann", "R-1", "G-1").await?;
    app.pulls("U-ann", "R-1", "G-2").await?;
    let stars = json!({"command": "update_group_star", "data": [{"groupId": "G-1", "state": 1, "star": 5}]});
    assert_eq!(app.signed_post("/groups/star", stars).await?.status, 200);
    let revenue = json!({"settle_date": "2026-11-21", "data": {"G-1": "0.48"}});
    assert_eq!(app.signed_post("/settlement", revenue).await?.status, 200);
    app.execute("UPDATE accounts SET available = available + 10")
        .await?;
    app.execute(
        "INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, created_at)
         SELECT gen_random_uuid(), '2026-11-21', 'test:' || user_id, 'seed', user_id, '2026-11-21' FROM accounts",
    )
    .await?;
    app.execute(
        "INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
         SELECT id, booked_on, line.account, line.user_id, line.amount FROM ledger_postings,
                LATERAL (VALUES (1, user_id, 10), (11, NULL, -10)) AS line (account, user_id, amount) WHERE kind = 'seed'",
    )
    .await?;
    app.execute("UPDATE house_accounts SET balance = balance - 10 * (SELECT count(*) FROM accounts) WHERE account = 11")
        .await?;
    approved(app).await?;
    // Old enough to go: a month of the books, a delivered message.
    partitions::make_ahead(&app.context.db, "2024-01-05".parse()?, 1).await?;
    app.execute("UPDATE outbox SET delivered_at = '2026-01-01'")
        .await?;
    app.execute("UPDATE groups SET name = '赌场' WHERE code = 'G-2'")
        .await?;
    app.at("2026-11-22T06:00:00")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_any_job_changes_nothing() {
    it::with_app_configured(
        |config| config.groups.illegal_name = "%赌%".to_owned(),
        async |app| {
            a_business_under_way(app).await?;
            let before = everything(app).await?;
            let calls = app.simulator.received_since(0).await?.len();
            for job in scheduler::registry::JOBS {
                for date in ["2026-11-21", "2025-03-05"] {
                    let run = by_hand::run(&app.context, &app.outside, job.name(), Some(date.parse()?), DRY);
                    // The next job's dry run is looked at whatever this one came to.
                    let ran = run.await;
                    let after = everything(app).await?;
                    assert_eq!(after, before, "a dry {} of {date} changed something", job.name());
                    let heard = app.simulator.received_since(0).await?.split_off(calls);
                    assert_eq!(heard.len(), 0, "a dry {} spoke: {heard:?}", job.name());
                    ran?;
                }
            }
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_refuses_to_be_dry() {
    with_app(async |app| {
        let (saver, _) = approved(app).await?;
        let wallet = saver.wallet(app).await?;
        let (before, calls) = (
            everything(app).await?,
            app.simulator.received_since(0).await?.len(),
        );
        for worker in WORKERS {
            let refused = by_hand::run(&app.context, &app.outside, worker, None, DRY).await;
            assert_eq!(everything(app).await?, before, "{worker}");
            let error = refused.expect_err(worker);
            assert_eq!(
                (error.code.number(), error.field.as_deref()),
                (1403, Some("dry_run"))
            );
        }
        assert_eq!(app.simulator.received_since(0).await?.len(), calls);
        assert_eq!(saver.wallet(app).await?, wallet, "nobody was paid");
        let operator = app.console(Role::Admin).await?;
        let order = json!({ "date": app.context.clock.today().to_string(), "dry_run": true });
        for worker in WORKERS {
            let path = format!("/api/console/jobs/{worker}/runs");
            let reply = operator.post(&path, order.clone()).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{reply:?}");
            assert_eq!(reply.data()["field"], "dry_run", "{reply:?}");
        }
        assert_eq!(app.rows("SELECT FROM job_requests").await?.len(), 0);
        Ok(())
    })
    .await;
}
