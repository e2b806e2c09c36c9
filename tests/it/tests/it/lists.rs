//! The console's lists: every filter finds what it says, and nothing else; what people hand in has bounds.

use anyhow::Result;
use domain::identity::Role;
use it::fixture::robot;
use it::{App, Client, with_app};
use kernel::id::UserId;
use kernel::job_run::{self, Slot};
use serde_json::{Value, json};

/// One field of every row a list answers with.
async fn listed(operator: &Client, path: &str, field: &str) -> Result<Vec<String>> {
    let reply = operator.get(&format!("/api/console/{path}")).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{path}: {reply:?}");
    let rows = reply.data().as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(rows.map(|row| text(&row[field])).collect())
}

async fn check(operator: &Client, field: &str, cases: &[(&str, &[&str])]) -> Result<()> {
    for (path, expected) in cases {
        assert_eq!(listed(operator, path, field).await?, *expected, "{path}");
    }
    Ok(())
}

async fn people(app: &App) -> Result<()> {
    app.execute(
        "INSERT INTO users (id, code, phone, status, created_at, updated_at)
         SELECT gen_random_uuid(), code, phone, status, at, at
         FROM (VALUES ('A', '13800000001', 1, '2026-11-01Z'::timestamptz), ('B', '13800000002', 2, '2026-11-02Z'),
                      ('C', '13800000003', 3, '2026-11-03Z')) AS new (code, phone, status, at)",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_unless_deleted() {
    with_app(async |app| {
        people(app).await?;
        let operator = app.console(Role::Viewer).await?;
        let cases: [(&str, &[&str]); 7] = [
            ("users", &["B", "A"]),
            ("users?code=A", &["A"]),
            ("users?code=C", &[]),
            ("users?phone=13800000002", &["B"]),
            ("users?status=2", &["B"]),
            ("users?status=3", &[]),
            ("users?page_size=1&current_page=1", &["A"]),
        ];
        check(&operator, "code", &cases).await?;
        app.execute("UPDATE users SET identity_card = 'sealed' WHERE code = 'A'")
            .await?;
        for (code, filed) in [("A", true), ("B", false)] {
            let user = operator.get(&format!("/api/console/users?code={code}")).await?;
            assert_eq!(user.data()[0]["has_id_card"], filed, "{code}");
        }
        let page = operator.get("/api/console/users?page_size=1").await?;
        assert_eq!(page.body["page_info"]["total_page"], 2);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_found_and_deleted_ones_when_asked_for() {
    with_app(async |app| {
        for (code, channel) in [("R-1", None), ("R-2", Some("tv")), ("R-3", None)] {
            robot(&app.context, code, channel, 30).await?;
        }
        app.execute("UPDATE robots SET status = 3 WHERE code = 'R-3'")
            .await?;
        let operator = app.console(Role::Viewer).await?;
        let cases: [(&str, &[&str]); 7] = [
            ("robots", &["R-2", "R-1"]),
            ("robots?code=R-1", &["R-1"]),
            ("robots?name=ET%20r-2", &["R-2"]),
            ("robots?name=100%25", &[]),
            ("robots?channel=tv", &["R-2"]),
            ("robots?status=3", &["R-3"]),
            ("robots?status=1&name=pet", &["R-2", "R-1"]),
        ];
        check(&operator, "code", &cases).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_runs_are_found_and_audited() {
    with_app(async |app| {
        let (first, second) = (app.console(Role::Admin).await?, app.console(Role::Admin).await?);
        let order = json!({ "date": app.context.clock.today().to_string() });
        for (operator, job) in [(&first, "sync_robots"), (&second, "check_ledger")] {
            let reply = operator
                .post(&format!("/api/console/jobs/{job}/runs"), order.clone())
                .await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
        }
        let cases: [(&str, &[&str]); 2] = [
            ("jobs/requests", &["check_ledger", "sync_robots"]),
            ("jobs/requests?job=sync_robots", &["sync_robots"]),
        ];
        check(&first, "job", &cases).await?;
        let names = listed(&first, "jobs/requests", "requested_by").await?;
        assert_ne!(names[0], names[1]);
        let by_name = format!("audit?operator={}", names[1]);
        let cases: [(&str, &[&str]); 5] = [
            ("audit", &["job:check_ledger", "job:sync_robots"]),
            (&by_name, &["job:sync_robots"]),
            ("audit?operator=nobody", &[]),
            (
                "audit?action=ask_for_run",
                &["job:check_ledger", "job:sync_robots"],
            ),
            (
                "audit?action=ask_for_run&subject=job:check_ledger",
                &["job:check_ledger"],
            ),
        ];
        check(&first, "subject", &cases).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_found_newest_date_first() {
    with_app(async |app| {
        let (conn, now, today) = (
            app.context.db.autocommit(),
            app.context.clock.now(),
            app.context.clock.today(),
        );
        for (job, date) in [("b", today.minus_days(1)), ("b", today), ("a", today)] {
            job_run::make_due(conn, job, Slot::first(date), 1, now).await?;
        }
        let operator = app.console(Role::Viewer).await?;
        let cases: [(&str, &[&str]); 4] = [
            ("jobs/runs", &["b", "a", "b"]),
            ("jobs/runs?job=b", &["b", "b"]),
            ("jobs/runs?job=c", &[]),
            ("jobs", &["a", "b"]),
        ];
        check(&operator, "job", &cases).await?;
        let newest = today.to_string();
        let cases: [(&str, &[&str]); 1] = [("jobs", &[&newest, &newest])];
        check(&operator, "business_date", &cases).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settlement_runs_are_found_by_kind() {
    with_app(async |app| {
        app.execute(
            "INSERT INTO settlement_runs (id, kind, settle_date, rates_version, group_count, slip_count, total, timings, settled_at)
             SELECT gen_random_uuid(), kind, day, 1, 0, 0, 0, '{}', day
             FROM (VALUES ('groups', '2026-11-01'::date), ('ads', '2026-11-02'), ('groups', '2026-11-03')) AS new (kind, day)",
        )
        .await?;
        let operator = app.console(Role::Viewer).await?;
        let cases: [(&str, &[&str]); 3] = [
            ("settlement/runs", &["2026-11-03", "2026-11-02", "2026-11-01"]),
            ("settlement/runs?kind=ads", &["2026-11-02"]),
            ("settlement/runs?kind=groups&page_size=1&current_page=1", &["2026-11-01"]),
        ];
        check(&operator, "settle_date", &cases).await?;
        let reply = operator.get("/api/console/settlement/runs?kind=ads").await?;
        assert_eq!(reply.data()[0]["total"], "0.00");
        Ok(())
    })
    .await;
}

/// Ids of things that are not there, as many as wanted.
fn ids(count: usize) -> Vec<String> {
    (0..count).map(|_| UserId::new().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_the_console_has_at_most_two_hundred_ids() {
    with_app(async |app| {
        let admin = app.console(Role::Admin).await?;
        type Body = dyn Fn(usize) -> Value;
        let bodies: [(&str, &str, &Body); 5] = [
            (
                "withdrawals/review",
                "ids",
                &|count| json!({"ids": ids(count), "decision": "reject", "reason": "why"}),
            ),
            (
                "dead-letters/replay",
                "ids",
                &|count| json!({ "ids": (1..=count).collect::<Vec<_>>() }),
            ),
            (
                "dead-letters/discard",
                "ids",
                &|count| json!({ "ids": (1..=count).collect::<Vec<_>>() }),
            ),
            ("outbox/retry", "ids", &|count| json!({ "ids": ids(count) })),
            (
                "groups/cancel",
                "group_ids",
                &|count| json!({"group_ids": ids(count), "reason": 4}),
            ),
        ];
        for (path, field, body) in bodies {
            let path = format!("/api/console/{path}");
            for count in [0, 201, 25_000] {
                let reply = admin.post(&path, body(count)).await?;
                assert_eq!(
                    reply.outcome(),
                    (400, 1403),
                    "{path} with {count}: {}",
                    reply.status
                );
                assert_eq!(reply.data()["field"], field, "{path} with {count}: {reply:?}");
            }
            assert_eq!(
                admin.post(&path, body(200)).await?.outcome(),
                (200, 1200),
                "{path} with 200"
            );
            assert_eq!(
                app.rows("SELECT count(*) FROM audit_entries WHERE detail::text LIKE '%201%'")
                    .await?,
                ["(0)"]
            );
        }
        let attributes = |count: usize| -> Value {
            (0..count)
                .map(|place| json!({"code": format!("G-{place}"), "old_group": true}))
                .collect()
        };
        let import = "/api/console/groups/traits";
        assert_eq!(
            admin.post(import, attributes(10_001)).await?.outcome(),
            (400, 1403)
        );
        assert_eq!(admin.post(import, attributes(0)).await?.outcome(), (400, 1403));
        assert_eq!(
            admin.post(import, attributes(10_000)).await?.outcome(),
            (200, 1200)
        );
        Ok(())
    })
    .await;
}
