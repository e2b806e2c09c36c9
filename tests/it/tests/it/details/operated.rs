//! Groups, robots, clean-up plans and jobs, as operators look at one of them.

use super::{DAY, column, data, family, group_id};
use anyhow::Context as _;
use domain::identity::Role;
use it::with_app;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_shows_its_stays_stars_income_and_clean_ups() {
    with_app(async |app| {
        family(app).await?;
        let id = group_id(app, "G-1").await?;
        // An earlier stay of somebody else, a clean-up that took it, and a star before this one.
        app.execute(
            "INSERT INTO groups (id, code, name, user_id, robot_id, status, template_id, cancel_reason, bound_at, cancelled_at, updated_at)
             SELECT gen_random_uuid(), code, 'before', (SELECT id FROM users WHERE code = 'U-grand'), robot_id, 3, template_id, 3,
                    '2026-11-01Z', '2026-11-05Z', '2026-11-05Z' FROM groups WHERE code = 'G-1'",
        )
        .await?;
        app.execute("INSERT INTO cleanup_plans (id, business_date, state, planned_at) VALUES (gen_random_uuid(), '2026-11-20', 'planned', '2026-11-20Z')")
            .await?;
        app.execute(
            "INSERT INTO cleanup_entries (plan_id, group_id, step, cancel_reason)
             SELECT p.id, g.id, 'few_members', 5 FROM cleanup_plans AS p, groups AS g WHERE g.code = 'G-1' AND g.cancelled_at IS NULL",
        )
        .await?;
        let viewer = app.console(Role::Viewer).await?;
        let group = data(&viewer, &format!("/api/console/groups/{id}")).await?;
        assert_eq!((&group["code"], &group["user_code"]), (&json!("G-1"), &json!("U-ann")), "{group}");
        assert_eq!(column(&group["stays"], "user_code"), [json!("U-ann"), json!("U-grand")]);
        assert_eq!(column(&group["stays"], "cancel_reason"), [Value::Null, json!(3)]);
        assert_eq!(column(&group["stars"], "star"), [json!(5)]);
        assert_eq!(column(&group["cleanups"], "step"), [json!("few_members")]);
        assert_eq!(column(&group["income"], "kind"), [json!("groups"), json!("ads")]);
        assert_eq!(column(&group["income"], "master_share"), [json!("0.100000"), json!("0.048000")]);
        assert_eq!((&group["total_income"], &group["rule"]["template"]), (&json!("1.480000"), &json!("DEFAULT")));
        assert!(group["robot_id"].is_string() && group["known_members"].as_i64() > Some(0), "{group}");
        let later = data(&viewer, &format!("/api/console/groups/{id}?from=2026-11-22")).await?;
        assert_eq!((&later["income"], &later["total_income"]), (&json!([]), &json!("1.480000")));
        let long = viewer.get(&format!("/api/console/groups/{id}?from=2020-01-01")).await?;
        assert_eq!((long.outcome(), &long.data()["field"]), ((400, 1403), &json!("from")));

        app.execute(&format!(
            "INSERT INTO star_changes (group_id, changed_at, star, state)
             SELECT '{id}', '2026-11-21Z'::timestamptz + n * interval '1 hour', 1 + n % 5, 2 FROM generate_series(1, 60) AS n"
        ))
        .await?;
        let group = data(&viewer, &format!("/api/console/groups/{id}")).await?;
        assert_eq!(column(&group["stars"], "star").len(), 50, "the newest");
        let stars = viewer.get(&format!("/api/console/groups/{id}/stars?page_size=50&current_page=1")).await?;
        assert_eq!((column(stars.data(), "star").len(), &stars.body["page_info"]["total_records"]), (11, &json!(61)));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_shows_its_days_and_who_depends_on_it() {
    with_app(async |app| {
        family(app).await?;
        let viewer = app.console(Role::Viewer).await?;
        let robots = data(&viewer, "/api/console/robots").await?;
        let path = format!(
            "/api/console/robots/{}",
            robots[0]["id"].as_str().context("no id")?
        );
        let robot = data(&viewer, &path).await?;
        assert_eq!(robot["code"], "R-1", "{robot}");
        assert_eq!(robot["ties"], json!({"groups": 4, "friends": 3, "incidents": 0}));
        assert_eq!(column(&robot["days"], "day"), [json!(DAY)]);
        assert_eq!(column(&robot["days"], "activations"), [json!(4)]);
        assert_eq!(
            (&robot["incidents"], &robot["replacements"]),
            (&json!([]), &json!([]))
        );

        app.happens("abnormal_robot", json!({"robot_id": "R-1"})).await?;
        let replaced = json!({"replace_robot_id": "R-1", "qrcode": "https://qr.example/new.png"});
        app.happens("abnormal_robot_replaced", replaced).await?;
        let robot = data(&viewer, &path).await?;
        assert_eq!(robot["ties"]["groups"], 0, "{robot}");
        let mut lost: Vec<i64> = column(&robot["incidents"], "groups")
            .iter()
            .filter_map(Value::as_i64)
            .collect();
        lost.sort_unstable();
        assert_eq!(lost, [1, 1, 2]);
        assert_eq!(
            column(&robot["replacements"], "qr_code"),
            [json!("https://qr.example/new.png")]
        );
        assert_eq!(
            data(&viewer, &format!("{path}?to=2026-11-20")).await?["days"],
            json!([])
        );
        app.execute("UPDATE robots SET status = 3").await?;
        assert_eq!(data(&viewer, &path).await?["status"], 3, "deleted ones too");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_listed_newest_first_with_what_they_come_to() {
    with_app(async |app| {
        let viewer = app.console(Role::Viewer).await?;
        assert_eq!(data(&viewer, "/api/console/cleanup/plans").await?, json!([]));
        family(app).await?;
        for day in 1..=3 {
            app.execute(&format!(
                "INSERT INTO cleanup_plans (id, business_date, state, planned_at)
                 VALUES (gen_random_uuid(), '2026-11-0{day}', 'planned', '2026-11-0{day}Z')"
            ))
            .await?;
        }
        app.execute(
            "INSERT INTO cleanup_entries (plan_id, group_id, step, cancel_reason, carried_out_at, outcome)
             SELECT p.id, g.id, 'few_members', 5, CASE g.code WHEN 'G-1' THEN '2026-11-02Z'::timestamptz END,
                    CASE g.code WHEN 'G-1' THEN 'asked' END
             FROM cleanup_plans AS p, groups AS g WHERE p.business_date = '2026-11-02'",
        )
        .await?;
        let viewer = app.console(Role::Viewer).await?;
        let plans = data(&viewer, "/api/console/cleanup/plans").await?;
        assert_eq!(
            column(&plans, "business_date"),
            [json!("2026-11-03"), json!("2026-11-02"), json!("2026-11-01")]
        );
        let second = &plans[1];
        assert_eq!(
            (&second["groups"], &second["asked"], &second["held"]),
            (&json!(4), &json!(1), &json!(0)),
            "{second}"
        );
        assert_eq!(plans[0]["groups"], 0);
        let one = viewer
            .get("/api/console/cleanup/plans?page_size=1&current_page=2")
            .await?;
        assert_eq!(column(one.data(), "business_date"), [json!("2026-11-01")]);
        assert_eq!(one.body["page_info"]["total_records"], 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_shows_when_it_runs_how_it_went_and_what_it_missed() {
    with_app(async |app| {
        let admin = app.console(Role::Admin).await?;
        let job = data(&admin, "/api/console/jobs/settle_groups").await?;
        assert_eq!(
            job["schedule"],
            json!({"times": ["02:00"], "covers": "yesterday", "owes": "every", "in_order": true,
                   "next_at": "2026-11-21T18:00:00+00:00", "next_date": "2026-11-21"}),
            "{job}"
        );
        assert_eq!((&job["runs"], &job["missed"]), (&json!([]), &json!([])));
        app.run_job("settle_groups", "2026-11-20").await?;
        app.later(chrono::TimeDelta::days(3));
        let admin = app.console(Role::Admin).await?;
        let asked = admin
            .post(
                "/api/console/jobs/settle_groups/runs",
                json!({"date": "2026-11-21"}),
            )
            .await?;
        assert_eq!(asked.outcome(), (200, 1200), "{asked:?}");
        let job = data(&admin, "/api/console/jobs/settle_groups").await?;
        assert_eq!(
            column(&job["runs"], "business_date"),
            [json!("2026-11-20")],
            "{job}"
        );
        assert_eq!(column(&job["requests"], "id"), [asked.data()["id"].clone()]);
        assert_eq!(job["missed"], json!(["2026-11-21", "2026-11-22", "2026-11-23"]));
        assert_eq!(job["missed_count"], 3);
        let worker = data(&admin, "/api/console/jobs/relay_outbox").await?;
        assert_eq!((&worker["schedule"], &worker["runs"]), (&Value::Null, &json!([])));
        Ok(())
    })
    .await;
}
