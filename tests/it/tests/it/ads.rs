//! Ad revenue under control: who earns it, entered once, voided in time, taken back whole.

use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::ledger::check;
use domain::settlement::RunKind;
use domain::settlement::{self, Options};
use it::{App, Client, Reply, with_app};
use reqwest::Method;
use serde_json::{Value, json};

use crate::withdrawal::reply;

mod reversal;

const DATE: &str = "2026-11-20";
const ADS: &str = "/api/console/settlement/ads";

/// Two people with a group each, and the partner's batch of the date.
async fn town(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    for person in ["1", "2"] {
        app.befriends(&format!("U-{person}"), "R-1").await?;
        app.pulls(&format!("U-{person}"), "R-1", &format!("G-{person}"))
            .await?;
    }
    let first = json!({"settle_date": DATE, "data": {"G-1": "10.006"}});
    assert_eq!(
        app.signed_post("/settlement", first).await?.outcome(),
        (200, 1200)
    );
    Ok(())
}

fn body(data: &[(&str, &str)]) -> Value {
    let data: Vec<Value> = data
        .iter()
        .map(|(code, amount)| json!({"group_code": code, "amount": amount}))
        .collect();
    json!({"settle_date": DATE, "reason": "came late", "data": data})
}

async fn enter(operator: &Client, key: &str, body: &Value) -> Result<Reply> {
    reply(
        operator
            .request(Method::POST, ADS)
            .header("idempotency-key", key)
            .json(body),
    )
    .await
}

async fn settle(app: &App, batch_no: i32) -> kernel::Result<settlement::RunOutcome> {
    let date = DATE.parse()?;
    settlement::settle(&app.context, RunKind::Ads, date, batch_no, Options::default()).await
}

async fn batches(app: &App) -> Result<usize> {
    Ok(app.rows("SELECT FROM ad_batches").await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_pays_once() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let late = body(&[("G-2", "20.00")]);
        assert_eq!(
            finance.post(ADS, late.clone()).await?.outcome(),
            (400, 1403),
            "no key"
        );
        let first = enter(&finance, "key", &late).await?;
        assert_eq!(first.outcome(), (200, 1200), "{first:?}");
        assert_eq!(enter(&finance, "key", &late).await?.data(), first.data());
        let other = enter(&finance, "key", &body(&[("G-2", "21.00")])).await?;
        assert_eq!(other.outcome(), (400, 1403));
        let repeated = enter(&finance, "another key", &late).await?;
        assert_eq!(repeated.outcome(), (409, 1409), "{repeated:?}");
        assert_eq!(repeated.data()["repeats"][0]["batch_id"], first.data()["id"]);
        let mut meant = late.clone();
        meant["confirm_repeat"] = first.data()["id"].clone();
        assert_eq!(enter(&finance, "meant", &meant).await?.outcome(), (200, 1200));
        assert_eq!(
            enter(&finance, "meant again", &meant).await?.outcome(),
            (409, 1409)
        );
        assert_eq!(batches(app).await?, 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_supplement_from_eight_at_once_comes_in_once() {
    with_app(async |app| {
        town(app).await?;
        let (one, other) = (
            app.console(Role::Finance).await?,
            app.console(Role::Finance).await?,
        );
        let late = body(&[("G-2", "1.00")]);
        let enter = |number: usize| {
            let (who, late) = (if number.is_multiple_of(2) { &one } else { &other }, &late);
            async move { enter(who, &format!("key {number}"), late).await }
        };
        let replies = futures::future::try_join_all((0..8).map(enter)).await?;
        let taken = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(taken, 1, "{replies:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_operator_alone_enters_little_however_often() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let large = enter(&finance, "large", &body(&[("G-2", "200.01")])).await?;
        assert_eq!(large.outcome(), (400, 1403), "{large:?}");
        let mut asked = body(&[("G-2", "150.00")]);
        for (number, outcome) in [(200, 1200), (200, 1200), (400, 1403)].into_iter().enumerate() {
            let said = enter(&finance, &number.to_string(), &asked).await?;
            assert_eq!(said.outcome(), outcome, "{said:?}");
            asked["confirm_repeat"] = said.data()["id"].clone();
        }
        assert_eq!(batches(app).await?, 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_never_be_settled_is_refused_at_the_door() {
    with_app(async |app| {
        town(app).await?;
        for (amount, field) in [
            ("1000000.01", "data.G-1"),
            ("0.00001", "data.G-1"),
            ("-1", "data.G-1"),
        ] {
            let absurd = json!({"settle_date": "2026-11-19", "data": {"G-1": amount}});
            let refused = app.signed_post("/settlement", absurd).await?;
            assert_eq!(refused.outcome(), (400, 1403), "{refused:?}");
            assert_eq!(refused.data()["field"], field);
        }
        let many: serde_json::Map<String, Value> = (0..101)
            .map(|number| (format!("X-{number}"), json!("1000000")))
            .collect();
        let refused = app
            .signed_post("/settlement", json!({"settle_date": "2026-11-19", "data": many}))
            .await?;
        assert_eq!(refused.outcome(), (400, 1403), "{refused:?}");
        let old = app
            .signed_post("/settlement", json!({"settle_date": "1999-01-01", "data": {}}))
            .await?;
        assert_eq!(old.data()["field"], "settle_date");
        assert_eq!(batches(app).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_settled_or_voided_never_both() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let id: String = app.rows("SELECT id FROM ad_batches").await?.concat();
        let path = format!("{ADS}/{}/void", id.trim_matches(['(', ')']));
        let (voided, settled) = tokio::join!(finance.post(&path, json!({"reason": "wrong"})), settle(app, 0));
        let (voided, settled) = (voided?.status == 200, settled.is_ok());
        assert_ne!(voided, settled);
        if voided {
            assert_eq!(
                finance.post(&path, json!({"reason": "wrong"})).await?.status,
                200,
                "again"
            );
            assert!(settle(app, 0).await.is_err());
            let right = json!({"settle_date": DATE, "data": {"G-1": "9"}});
            assert_eq!(
                app.signed_post("/settlement", right).await?.outcome(),
                (200, 1200)
            );
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_back_whole_and_below_zero_goes_nobody() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        app.later(chrono::TimeDelta::seconds(1));
        let path = format!("/api/console/settlement/runs/{run}/reverse");
        let user = app.user("U-1").await?;
        let spent =
            json!({"user_id": user.to_string(), "account": "red_packets", "amount": "-1.00", "reason": "a test"});
        let request = finance.request(Method::POST, "/api/console/ledger/corrections");
        let spent = reply(request.header("idempotency-key", "spent").json(&spent)).await?;
        assert_eq!(spent.outcome(), (200, 1200), "{spent:?}");
        let short = finance.post(&path, json!({"reason": "wrong"})).await?;
        assert_eq!(short.outcome(), (409, 3002), "{short:?}");
        assert_eq!(short.data()["short"][0]["available"], "9.00");
        let left = finance
            .post(&path, json!({"reason": "wrong", "leave_short": true}))
            .await?;
        assert_eq!(
            (&left.data()["wallets"], &left.data()["short_count"]),
            (&json!(0), &json!(1)),
            "{left:?}"
        );
        let back = spent.data()["posting_id"].as_str().context("no posting")?;
        let undone = finance
            .post(
                &format!("/api/console/ledger/postings/{back}/reverse"),
                json!({"reason": "found"}),
            )
            .await?;
        assert_eq!(undone.outcome(), (200, 1200), "{undone:?}");
        for _ in 0..2 {
            let whole = finance.post(&path, json!({"reason": "wrong"})).await?;
            assert_eq!(
                (&whole.data()["wallets"], &whole.data()["amount"]),
                (&json!(1), &json!("10.00")),
                "{whole:?}"
            );
        }
        let wallet = format!("SELECT available, carried_ads FROM accounts WHERE user_id = '{user}'");
        assert_eq!(app.rows(&wallet).await?, ["(0.00,0.000000)"]);
        a_missing_line_is_found(app).await?;
        let right = json!({"settle_date": DATE, "data": {"G-1": "10.006"}});
        assert_eq!(
            app.signed_post("/settlement", right).await?.outcome(),
            (200, 1200)
        );
        settle(app, 1).await?;
        assert_eq!(app.rows(&wallet).await?, ["(10.00,0.006000)"]);
        Ok(())
    })
    .await;
}

/// The proof names a reversal whose wallet did not lose what was taken back.
async fn a_missing_line_is_found(app: &App) -> Result<()> {
    let turn = async |from: i16, to: i16| {
        app.execute(&format!(
            "UPDATE ledger_lines SET account = {to} WHERE account = {from}
             AND posting_id IN (SELECT posting_id FROM run_reversal_movements)"
        ))
        .await
    };
    turn(1, 2).await?;
    let found = check::offenders(app.context.db.autocommit()).await?;
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    assert!(rules.contains(&"a reversed run is taken back whole"), "{rules:?}");
    turn(2, 1).await?;
    assert_eq!(check::offenders(app.context.db.autocommit()).await?, []);
    Ok(())
}

/// (stays of a group as (who, bound, cancelled), who earns the ads of the 20th)
type Table = [(
    &'static [(&'static str, &'static str, Option<&'static str>)],
    Option<&'static str>,
); 8];
const STAYS: Table = [
    (&[("1", "10T09", None)], Some("1")),
    (&[("1", "10T09", Some("19T23"))], None),
    (&[("1", "10T09", Some("20T00"))], Some("1")),
    (&[("1", "10T09", Some("21T01")), ("2", "21T02", None)], Some("1")),
    (&[("1", "10T09", Some("19T23")), ("2", "20T10", None)], Some("2")),
    (&[("1", "10T09", Some("20T10")), ("2", "20T11", None)], Some("1")),
    (
        &[
            ("1", "20T08", Some("20T09")),
            ("2", "20T10", Some("20T11")),
            ("1", "21T01", None),
        ],
        Some("1"),
    ),
    (
        &[
            ("1", "10T09", Some("18T09")),
            ("2", "21T01", Some("21T02")),
            ("1", "21T03", None),
        ],
        Some("2"),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn who_held_the_group_on_the_date_earns_its_ads() {
    with_app(async |app| {
        app.robot("R-1").await?;
        for person in ["U-1", "U-2"] {
            app.befriends(person, "R-1").await?;
        }
        let mut data = serde_json::Map::new();
        for (number, (stays, _)) in STAYS.iter().enumerate() {
            for (who, bound, cancelled) in *stays {
                let (status, reason) = if cancelled.is_some() { (3, "4") } else { (1, "NULL") };
                let cancelled = cancelled.map_or("NULL".to_owned(), |time| format!("'2026-11-{time}:00+08'"));
                app.execute(&format!(
                    "INSERT INTO groups (id, code, name, user_id, status, template_id, bound_at, cancelled_at, cancel_reason, updated_at)
                     SELECT gen_random_uuid(), 'S-{number}', 'S', u.id, {status}, t.id, '2026-11-{bound}:00+08', {cancelled}, {reason}, '2026-11-21T03:00+08'
                     FROM users AS u, profit_templates AS t WHERE u.code = 'U-{who}'"
                ))
                .await?;
            }
            data.insert(format!("S-{number}"), json!("1.00"));
        }
        let taken = app.signed_post("/settlement", json!({"settle_date": DATE, "data": data})).await?;
        assert_eq!(taken.data(), &json!({"accepted": 7, "unknown": ["S-1"]}), "{taken:?}");
        settle(app, 0).await?;
        let paid = app
            .rows("SELECT g.code, u.code FROM settlement_lines AS l JOIN groups AS g ON g.id = group_id JOIN users AS u ON u.id = l.user_id ORDER BY 1")
            .await?;
        let expected: Vec<String> = (0..)
            .zip(STAYS)
            .filter_map(|(number, (_, who))| Some(format!("(S-{number},U-{})", who?)))
            .collect();
        assert_eq!(paid, expected);
        Ok(())
    })
    .await;
}
