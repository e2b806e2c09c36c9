//! The search: whatever an operator has in hand finds what it names, first and exactly, and shows no secret.

use crate::withdrawal::Saver;
use anyhow::{Context as _, Result};
use domain::identity::Role;
use it::{App, Client, with_app};
use serde_json::{Value, json};

async fn found(operator: &Client, words: &str) -> Result<Value> {
    let request = operator.request(reqwest::Method::GET, "/api/console/search");
    let reply = crate::withdrawal::reply(request.query(&[("q", words)])).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{words}: {reply:?}");
    Ok(reply.data().clone())
}

/// Kind and title of what was found.
async fn titles(operator: &Client, words: &str) -> Result<Vec<String>> {
    let hits = found(operator, words).await?;
    let rows = hits.as_array().context("no list")?.iter();
    Ok(rows
        .map(|hit| {
            format!(
                "{} {}",
                hit["kind"].as_str().unwrap_or_default(),
                hit["title"].as_str().unwrap_or_default()
            )
        })
        .collect())
}

async fn world(app: &App) -> Result<()> {
    app.execute(
        "INSERT INTO users (id, code, phone, union_id, open_id, nickname, status, created_at, updated_at)
         SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'U-' || n, '1380000000' || n, 'union-' || n, 'open-' || n,
                nickname, status, '2026-11-01Z', '2026-11-01Z'
         FROM (VALUES (1, '王芳', 1), (2, '王芳芳', 2), (3, '王小', 3), (4, '100%', 1), (5, '李王', 1)) AS new (n, nickname, status)",
    )
    .await?;
    app.robot("R-1").await?;
    app.execute("UPDATE robots SET name = '王牌小宝', wechat_no = 'gpet-xiaobao'")
        .await?;
    app.execute(
        "INSERT INTO groups (id, code, name, user_id, template_id, status, cancel_reason, bound_at, cancelled_at, updated_at)
         SELECT ('00000000-0000-7000-8000-0000000000' || n)::uuid, code, name, '00000000-0000-7000-8000-000000000001',
                (SELECT id FROM profit_templates LIMIT 1), status, CASE status WHEN 3 THEN 3 END, bound_at::timestamptz,
                CASE status WHEN 3 THEN bound_at::timestamptz END, '2026-11-21Z'
         FROM (VALUES ('11', 'G-1', '王家群', 3, '2026-11-01T15:59:59Z'), ('12', 'G-1', '王家群', 1, '2026-11-02T16:00:00Z'),
                      ('13', 'G-2', '宝妈群', 1, '2026-11-03Z')) AS new (n, code, name, status, bound_at)",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_groups_and_robots_are_found() {
    with_app(async |app| {
        world(app).await?;
        let operator = app.console(Role::Viewer).await?;
        let cases: [(&str, &[&str]); 16] = [
            ("13800000001", &["user 王芳"]),
            ("1380000000", &[]),
            ("U-2", &["user 王芳芳"]),
            ("union-1", &["user 王芳"]),
            ("open-1", &["user 王芳"]),
            ("00000000-0000-7000-8000-000000000001", &["user 王芳"]),
            ("13800000003", &[]),
            ("王芳", &["user 王芳", "user 王芳芳"]),
            ("  王芳芳 ", &["user 王芳芳"]),
            ("100%", &["user 100%"]),
            ("%", &[]),
            ("_", &[]),
            ("G-1", &["group 王家群", "group 王家群"]),
            ("R-1", &["robot 王牌小宝"]),
            ("gpet-xiaobao", &["robot 王牌小宝"]),
            (
                "王",
                &[
                    "user 王芳",
                    "user 王芳芳",
                    "group 王家群",
                    "group 王家群",
                    "robot 王牌小宝",
                ],
            ),
        ];
        for (words, expected) in cases {
            assert_eq!(titles(&operator, words).await?, expected, "{words}");
        }
        let by_code = found(&operator, "G-1").await?;
        assert_eq!(
            (&by_code[0]["detail"], &by_code[1]["detail"]),
            (&json!("G-1 · 2026-11-03"), &json!("G-1 · 2026-11-01"))
        );
        assert_eq!(by_code[0]["id"], "00000000-0000-7000-8000-000000000012");
        for words in ["13800000001", "union-1", "open-1", "王"] {
            let text = found(&operator, words).await?.to_string();
            for secret in ["13800000001", "union-", "open-"] {
                assert!(!text.contains(secret), "{words}: {text}");
            }
        }
        assert_eq!(
            found(&operator, "13800000001").await?[0]["detail"],
            "U-1 · 138****0001"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_exactly_comes_first_and_five_of_a_kind_are_enough() {
    with_app(async |app| {
        world(app).await?;
        app.execute("UPDATE robots SET name = '王'").await?;
        app.execute(
            "INSERT INTO users (id, nickname, created_at, updated_at)
             SELECT gen_random_uuid(), '王' || n, '2026-11-01Z', '2026-11-01Z' FROM generate_series(10, 20) AS n",
        )
        .await?;
        let operator = app.console(Role::Viewer).await?;
        let all = titles(&operator, "王").await?;
        assert_eq!(all[0], "robot 王");
        assert_eq!(all[1..6], ["user 王10", "user 王11", "user 王12", "user 王13", "user 王14"]);
        assert_eq!(all.len(), 8, "{all:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_found_by_its_numbers() {
    with_app(async |app| {
        let saver = Saver::with(app, 100_000).await?;
        let id = saver.withdraws("20.00").await?;
        let bill: Option<String> = app.scalar("SELECT bill_no FROM withdrawals", []).await?;
        let bill = bill.context("no bill")?;
        app.execute(
            "INSERT INTO settlement_runs (id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at)
             SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, kind, '2026-11-20', 0, 1, 1, 1, 0.30, '{}', '2026-11-21Z'
             FROM (VALUES (1, 'groups'), (2, 'ads')) AS new (n, kind)",
        )
        .await?;
        app.execute(
            "INSERT INTO ad_batches (id, settle_date, batch_no, source, accepted, unknown, received_at)
             VALUES ('00000000-0000-7000-8000-000000000003', '2026-11-20', 0, 'partner', 0, '[]', '2026-11-21Z')",
        )
        .await?;
        let operator = app.console(Role::Viewer).await?;
        let key = format!("withdrawal:{id}:hold");
        assert_eq!(titles(&operator, &bill).await?, [format!("withdrawal {bill}")]);
        assert_eq!(found(&operator, &id).await?[0]["detail"], "20.00 · requested");
        assert_eq!(titles(&operator, &key).await?, [format!("posting {key}")]);
        assert_eq!(
            titles(&operator, "2026-11-20").await?,
            ["run groups · 2026-11-20", "run ads · 2026-11-20", "batch 2026-11-20"]
        );
        assert_eq!(
            titles(&operator, "00000000-0000-7000-8000-000000000002").await?,
            ["run ads · 2026-11-20"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_have_bounds() {
    with_app(async |app| {
        let operator = app.console(Role::Viewer).await?;
        for words in ["", "%20", &"x".repeat(65), &"x".repeat(9000), "a%00b"] {
            let refused = operator.get(&format!("/api/console/search?q={words}")).await?;
            assert_eq!(
                (refused.outcome(), &refused.data()["field"]),
                ((400, 1403), &json!("q")),
                "{words}"
            );
        }
        assert_eq!(operator.get("/api/console/search").await?.outcome(), (400, 1403));
        assert_eq!(found(&operator, &"群".repeat(64)).await?, json!([]));
        assert_eq!(
            app.anonymous().get("/api/console/search?q=a").await?.outcome(),
            (401, 1401)
        );
        let user = Saver::with(app, 0).await?;
        assert_eq!(
            user.caller.get("/api/console/search?q=a").await?.outcome(),
            (403, 1401)
        );
        Ok(())
    })
    .await;
}
