//! The dashboard: it says what the tables and the books say, whether a day is counted or was kept, and has bounds.

use crate::withdrawal::{Saver, decide, pay, reply};
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use domain::identity::Role;
use domain::settlement::{Options, RunKind, settle};
use it::world::load;
use it::{App, Client, with_app};
use kernel::clock::BusinessDate;
use reqwest::Method;
use serde_json::{Value, json};

const WORLD: &str = include_str!("../../../worlds/seed_1.json");

async fn shown(operator: &Client, query: &str) -> Result<Value> {
    let reply = operator.get(&format!("/api/console/dashboard{query}")).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{query}: {reply:?}");
    Ok(reply.data().clone())
}

/// Some fields of every row.
fn columns(rows: &Value, fields: &[&str]) -> Vec<Value> {
    let rows = rows.as_array().into_iter().flatten();
    rows.map(|row| fields.iter().map(|field| row[*field].clone()).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_system_has_a_dashboard() {
    with_app(async |app| {
        let empty = shown(&app.console(Role::Viewer).await?, "").await?;
        for list in [
            "/income",
            "/payouts/open",
            "/payouts/ended",
            "/payouts/requested",
            "/groups/stars",
            "/groups/bound",
            "/groups/lost",
            "/capacity",
            "/users/new",
            "/users/active",
        ] {
            assert_eq!(empty.pointer(list), Some(&json!([])), "{list}");
        }
        assert_eq!(empty["to"], json!(app.context.clock.today()));
        assert_eq!(empty["from"], json!(app.context.clock.today().minus_days(29)));
        assert_eq!(
            empty["payouts"]["review"],
            json!({"count": 0, "amount": "0.00", "oldest_at": null})
        );
        assert_eq!(empty["payouts"]["switch"]["running"], true);
        assert_eq!(empty["ledger"], json!({"clean": true, "checked_at": null}));
        assert_eq!(
            columns(&empty["queues"]["outbox"], &["destination", "waiting"]),
            [
                json!(["event", 0]),
                json!(["robot", 0]),
                json!(["launch", 0]),
                json!(["sms", 0])
            ]
        );
        assert_eq!(empty["queues"]["inbox"]["dead"], 0);
        let jobs = empty["jobs"].as_array().context("no jobs")?;
        assert_eq!(
            (jobs.len(), &jobs[0]["job"], &jobs[0]["last"]),
            (11, &json!("distribute_robots"), &Value::Null)
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_has_bounds() {
    with_app(async |app| {
        let operator = app.console(Role::Viewer).await?;
        let today = app.context.clock.today();
        for (from, to) in [
            (today.minus_days(92), today),
            (today.plus_days(1), today),
            (today.months_earlier(24).minus_days(1), today.months_earlier(24)),
            ("0001-01-01".parse()?, "0001-01-02".parse()?),
        ] {
            let refused = operator
                .get(&format!("/api/console/dashboard?from={from}&to={to}"))
                .await?;
            assert_eq!(
                (refused.outcome(), &refused.data()["field"]),
                ((400, 1403), &json!("from")),
                "{from} {to}"
            );
        }
        let malformed = operator.get("/api/console/dashboard?to=yesterday").await?;
        assert_eq!(
            (malformed.outcome(), &malformed.data()["field"]),
            ((400, 1403), &json!("to"))
        );
        for range in [(today.minus_days(91), today), (today, "9999-12-31".parse()?)] {
            let reply = operator
                .get(&format!("/api/console/dashboard?from={}&to={}", range.0, range.1))
                .await?;
            let expected = if range.1 == today { 200 } else { 400 };
            assert_eq!(reply.outcome().0, expected, "{range:?}");
        }
        let far = shown(&operator, "?from=2199-12-01&to=2199-12-31").await?;
        assert_eq!(far["groups"]["bound"], json!([]));
        assert_eq!(
            app.anonymous().get("/api/console/dashboard").await?.outcome(),
            (401, 1401)
        );
        Ok(())
    })
    .await;
}

async fn correct(operator: &Client, user: &str, amount: &str) -> Result<()> {
    let request = operator.request(Method::POST, "/api/console/ledger/corrections");
    let order =
        json!({"user_id": user, "account": "settlement_groups", "amount": amount, "reason": "forgotten"});
    let booked = reply(request.header("idempotency-key", amount).json(&order)).await?;
    assert_eq!(booked.data()["state"], "booked", "{booked:?}");
    Ok(())
}

/// What the dashboard must say of income, by slips and by the books.
async fn books(app: &App) -> Result<(Vec<String>, Vec<String>)> {
    let slips = app.rows("SELECT settle_date, amount_type, sum(CASE direction WHEN 1 THEN amount ELSE -amount END) FROM slips
                          WHERE amount_type <> 9 GROUP BY 1, 2 ORDER BY 1, 2").await?;
    let lines = app
        .rows("SELECT booked_on, sum(amount) FROM ledger_lines WHERE account IN (1, 2) GROUP BY 1 ORDER BY 1")
        .await?;
    Ok((slips, lines))
}

/// The same as [`books`] has it, of the dashboard's rows.
fn income(data: &Value) -> Result<(Vec<String>, Vec<String>)> {
    let mut days: std::collections::BTreeMap<String, rust_decimal::Decimal> = Default::default();
    let mut rows = Vec::new();
    for row in data["income"].as_array().context("no income")? {
        let (date, amount) = (
            row["date"].as_str().context("no date")?,
            row["amount"].as_str().context("no amount")?,
        );
        rows.push(format!("({date},{},{amount})", row["kind"]));
        *days.entry(date.to_owned()).or_default() += amount.parse::<rust_decimal::Decimal>()?;
    }
    rows.sort();
    Ok((
        rows,
        days.iter().map(|(date, sum)| format!("({date},{sum})")).collect(),
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn income_agrees_with_slips_and_books_counted_or_kept() {
    with_app(async |app| {
        let parsed: Value = serde_json::from_str(WORLD)?;
        let date: BusinessDate = parsed["settle_date"].as_str().context("no date")?.parse()?;
        app.context
            .clock
            .set(date.plus_days(1).start() + TimeDelta::hours(2));
        load(&app.context, WORLD).await?;
        for kind in [RunKind::Groups, RunKind::Ads] {
            settle(&app.context, kind, date, 0, Options::default()).await?;
        }
        let finance = app.console(Role::Finance).await?;
        let rich = app
            .scalar::<uuid::Uuid>("SELECT user_id FROM accounts ORDER BY available DESC LIMIT 1", [])
            .await?;
        let rich = rich.context("nobody has money")?.to_string();
        correct(&finance, &rich, "12.34").await?;
        correct(&finance, &rich, "-0.04").await?;
        let counted = shown(&finance, "").await?;
        assert_eq!(income(&counted)?, books(app).await?);
        let kinds = app
            .rows("SELECT DISTINCT amount_type FROM slips ORDER BY 1")
            .await?;
        assert_eq!(
            kinds,
            ["(1)", "(2)", "(3)", "(4)", "(6)"],
            "every kind that runs write, and corrections"
        );
        // Runs of programs that did not tell what went to those above.
        app.execute("UPDATE settlement_runs SET disciples_total = NULL")
            .await?;
        assert_eq!(shown(&finance, "").await?["income"], counted["income"]);

        let today = app.context.clock.today();
        app.context
            .clock
            .set(today.plus_days(1).start() + TimeDelta::minutes(20));
        let finance = app.console(Role::Finance).await?;
        let range = format!(
            "?from={}&to={}",
            counted["from"].as_str().unwrap_or_default(),
            today
        );
        let before = shown(&finance, &range).await?;
        let sealed = app.run_job("flush_activity", &today.to_string()).await?;
        assert_eq!(sealed["days_sealed"], 92, "{sealed}");
        // What is kept is not counted again.
        app.execute("DELETE FROM slips WHERE amount_type = 6").await?;
        let kept = shown(&finance, &range).await?;
        for part in ["income", "groups", "users"] {
            assert_eq!(kept[part], before[part], "{part}");
        }
        assert_eq!(
            app.run_job("flush_activity", &today.to_string()).await?["days_sealed"],
            1
        );
        let again = shown(&finance, &range).await?;
        assert_ne!(
            again["income"], before["income"],
            "a second run counts its date anew"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_users_are_counted_by_day() {
    with_app(async |app| {
        app.at("2026-11-20T23:59:59")?;
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        for group in ["G-1", "G-2", "G-3"] {
            app.pulls("U-1", "R-1", group).await?;
        }
        app.at("2026-11-21T00:00:00")?;
        app.befriends("U-2", "R-1").await?;
        app.pulls("U-2", "R-1", "G-4").await?;
        app.execute("UPDATE groups SET star = 4 WHERE code = 'G-1'").await?;
        app.execute("UPDATE groups SET star = 4, status = 2 WHERE code = 'G-2'").await?;
        app.execute("UPDATE groups SET status = 3, cancelled_at = '2026-11-20T16:00:00Z', cancel_reason = 7 WHERE code = 'G-3'").await?;
        let operator = app.console(Role::Viewer).await?;
        let data = shown(&operator, "?from=2026-11-20&to=2026-11-21").await?;
        let (groups, users) = (&data["groups"], &data["users"]);
        assert_eq!(columns(&groups["stars"], &["star", "old_group", "earning", "settled_out"]),
            [json!([4, false, 1, 1]), json!([null, false, 1, 0])]);
        assert_eq!(columns(&groups["bound"], &["date", "count"]), [json!(["2026-11-20", 3]), json!(["2026-11-21", 1])]);
        assert_eq!(columns(&groups["lost"], &["date", "reason", "count"]), [json!(["2026-11-21", 7, 1])]);
        assert_eq!(columns(&users["new"], &["date", "count"]), [json!(["2026-11-20", 1]), json!(["2026-11-21", 1])]);
        let fields = ["channel", "robots", "offered", "activations"];
        assert_eq!(columns(&data["capacity"], &fields), [json!([null, 1, 1, 1])]);
        let only = shown(&operator, "?from=2026-11-20&to=2026-11-20").await?;
        assert_eq!(columns(&only["groups"]["bound"], &["count"]), [json!([3])]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawals_are_summed_by_state_and_day() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let mut ids = Vec::new();
        for amount in ["20.00", "50.00", "100.00", "200.00"] {
            ids.push(Saver::with(app, 100_000).await?.withdraws(amount).await?);
        }
        let requested_at = app.context.clock.now();
        app.later(TimeDelta::minutes(1));
        decide(&operator, &ids[0], "reject").await?;
        decide(&operator, &ids[1], "approve").await?;
        assert_eq!(pay(app).await?.paid, 1);
        app.execute(&format!(
            "UPDATE withdrawals SET alert = 'look' WHERE id = '{}'",
            ids[2]
        ))
        .await?;
        let today = json!(app.context.clock.today());
        let payouts = shown(&operator, "").await?["payouts"].clone();
        let oldest = json!(requested_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false));
        assert_eq!(
            columns(&payouts["open"], &["state", "count", "amount"]),
            [json!(["requested", 2, "300.00"])]
        );
        assert_eq!(
            payouts["review"],
            json!({"count": 2, "amount": "300.00", "oldest_at": oldest})
        );
        assert_eq!(
            columns(&payouts["requested"], &["date", "count", "amount"]),
            [json!([today, 4, "370.00"])]
        );
        assert_eq!(
            columns(&payouts["ended"], &["date", "state", "count", "amount"]),
            [
                json!([today, "paid", 1, "50.00"]),
                json!([today, "rejected", 1, "20.00"])
            ]
        );
        assert_eq!(
            (&payouts["alerted"], &payouts["oldest_alerted_at"]),
            (&json!(1), &oldest)
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_jobs_and_the_ledger_show_what_is_wrong() {
    with_app(async |app| {
        app.simulator.event("robot_added", json!({})).await?;
        app.drain().await?;
        app.execute("INSERT INTO outbox (id, destination, topic, lane, payload, state, next_attempt_at, created_at)
                     SELECT gen_random_uuid(), 'sms', 't', 'l' || n, '{}', state, '2026-11-22Z', '2026-11-21T01:00:00Z'
                     FROM (VALUES (1, 'pending'), (2, 'failed'), (3, 'unknown'), (4, 'unknown'), (5, 'delivered')) AS new (n, state)").await?;
        app.execute("INSERT INTO job_runs (job, business_date, state, attempts, error, created_at)
                     VALUES ('check_ledger', '2026-11-20', 'failed', 3, 'no room', '2026-11-20Z')").await?;
        app.execute("INSERT INTO ledger_checks (id, checked_at, clean, findings)
                     VALUES (gen_random_uuid(), '2026-11-20T19:00:00Z', false, '[]')").await?;
        let data = shown(&app.console(Role::Viewer).await?, "").await?;
        let sms = &data["queues"]["outbox"][3];
        assert_eq!(sms, &json!({"destination": "sms", "waiting": 1, "oldest_at": "2026-11-21T01:00:00+00:00", "failed": 1, "unknown": 2}));
        assert_eq!((&data["queues"]["inbox"]["waiting"], &data["queues"]["inbox"]["dead"]), (&json!(0), &json!(1)));
        assert!(data["queues"]["inbox"]["oldest_dead_at"].is_string());
        let jobs = data["jobs"].as_array().context("no jobs")?;
        let check = jobs.iter().find(|job| job["job"] == "check_ledger").context("no check_ledger")?;
        assert_eq!((&check["last"]["state"], &check["last"]["error"]), (&json!("failed"), &json!("no room")));
        assert!(check["missed"].as_i64() >= Some(1), "{check}");
        assert_eq!(check["oldest_missed"], "2026-11-20");
        assert_eq!(data["ledger"], json!({"clean": false, "checked_at": "2026-11-20T19:00:00+00:00"}));
        assert_eq!(data["payouts"]["switch"]["running"], false);
        Ok(())
    })
    .await;
}
