//! Statements of wallets: every movement once, each balance what the movements before it came to, the last the wallet's.

use super::{NOBODY, column, data, family};
use crate::withdrawal::{Saver, decide, pay, reply};
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use domain::identity::Role;
use it::{App, Client, with_app};
use kernel::id::UserId;
use kernel::money::Money;
use reqwest::Method;
use serde_json::{Value, json};

/// Every row of a list, page by page.
async fn all_pages(caller: &Client, path: &str) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 0.. {
        let joined = if path.contains('?') { '&' } else { '?' };
        let reply = caller
            .get(&format!("{path}{joined}page_size=3&current_page={page}"))
            .await?;
        assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
        rows.extend(reply.data().as_array().into_iter().flatten().cloned());
        let info = &reply.body["page_info"];
        if info["total_page"].as_u64().unwrap_or_default() <= page + 1 {
            assert_eq!(info["total_records"], rows.len(), "{path}");
            return Ok(rows);
        }
    }
    Ok(rows)
}

fn money(value: &Value) -> Result<Money> {
    Ok(value
        .as_str()
        .with_context(|| format!("{value} is no money"))?
        .parse()?)
}

/// The newest balances are the wallet's, every row is what its movement made of the row before, and all begins with nothing.
async fn adds_up(app: &App, rows: &[Value], user: UserId) -> Result<()> {
    let sql = "SELECT available::text || ' ' || held::text FROM accounts WHERE user_id = $1";
    let wallet: Option<String> = app.scalar(sql, [user.into()]).await?;
    let wallet = wallet.context("no wallet")?;
    let (available, held) = wallet.split_once(' ').context("no wallet")?;
    let (mut balance, mut waiting) = (available.parse::<Money>()?, held.parse::<Money>()?);
    for row in rows {
        assert_eq!(money(&row["balance"])?, balance, "{row}");
        assert_eq!(money(&row["held"])?, waiting, "{row}");
        assert!(balance >= Money::ZERO && waiting >= Money::ZERO, "{row}");
        balance = Money::from_decimal(balance.decimal() - money(&row["amount"])?.decimal())?;
        waiting = Money::from_decimal(waiting.decimal() - money(&row["held_amount"])?.decimal())?;
    }
    assert_eq!((balance, waiting), (Money::ZERO, Money::ZERO), "{rows:#?}");
    Ok(())
}

async fn corrects(operator: &Client, user: UserId, amount: &str, key: &str) -> Result<()> {
    let order =
        json!({"user_id": user.to_string(), "account": "red_packets", "amount": amount, "reason": "a gift"});
    let request = operator.request(Method::POST, "/api/console/ledger/corrections");
    let booked = reply(request.header("idempotency-key", key).json(&order)).await?;
    assert_eq!(booked.outcome(), (200, 1200), "{booked:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_a_small_world_adds_up() {
    with_app(async |app| {
        family(app).await?;
        app.run_job("collect_fees", "2026-11-22").await?;
        let admin = app.console(Role::Admin).await?;
        let saver = Saver::with(app, 0).await?;
        for (amount, key) in [("150.00", "a"), ("-10.00", "b"), ("30.00", "c")] {
            corrects(&admin, saver.id, amount, key).await?;
        }
        // Refused, and paid the next day; all in one instant each.
        let refused = saver.withdraws("20.00").await?;
        decide(&admin, &refused, "reject").await?;
        app.later(TimeDelta::days(1));
        let (saver, admin) = (
            Saver {
                caller: app.h5(saver.id)?,
                ..saver
            },
            app.console(Role::Admin).await?,
        );
        let asked = saver.asks("50.00", "another key").await?;
        let paid = asked.data()["id"].as_str().context("no id")?.to_owned();
        decide(&admin, &paid, "approve").await?;
        assert_eq!(pay(app).await?.paid, 1);
        app.later(TimeDelta::days(1));
        let waiting = Saver {
            caller: app.h5(saver.id)?,
            ..saver
        };
        assert_eq!(waiting.asks("20.00", "a third key").await?.code(), 1200);
        let ann = app.user("U-ann").await?;
        let run: Option<String> = app
            .scalar("SELECT id::text FROM settlement_runs WHERE kind = 'ads'", [])
            .await?;
        let admin = app.console(Role::Admin).await?;
        let path = format!("/api/console/settlement/runs/{}/reverse", run.context("no run")?);
        assert_eq!(
            admin.post(&path, json!({"reason": "wrong"})).await?.outcome(),
            (200, 1200)
        );

        let users: Vec<String> = app
            .rows("SELECT user_id::text FROM accounts JOIN users ON id = user_id WHERE status <> 3")
            .await?;
        assert!(users.len() >= 4);
        for user in users {
            let user: UserId = user.trim_matches(['(', ')']).parse()?;
            let mine = all_pages(&app.h5(user)?, "/api/h5/statement").await?;
            adds_up(app, &mine, user).await?;
            let theirs = all_pages(&admin, &format!("/api/console/users/{user}/statement")).await?;
            assert_eq!(mine, theirs, "one statement, whoever reads it");
            // What the slips said at the time is what is reckoned back from the wallet.
            for row in mine.iter().filter(|row| row["slip_id"].is_string()) {
                let sql = "SELECT balance::text FROM slips WHERE id = $1::text::uuid";
                let kept: Option<String> = app
                    .scalar(sql, [row["slip_id"].as_str().unwrap_or_default().into()])
                    .await?;
                assert_eq!(kept.as_deref(), row["balance"].as_str(), "{row}");
            }
            if user == waiting.id {
                assert_eq!(
                    column(&json!(mine), "kind"),
                    [
                        "hold",
                        "payout",
                        "hold",
                        "release",
                        "hold",
                        "correction",
                        "correction",
                        "correction"
                    ]
                );
                assert_eq!(mine[3]["remark"], "because", "why it was refused");
                assert_eq!(mine[1]["withdrawal_id"], paid);
                assert_eq!(
                    (&mine[1]["amount"], &mine[1]["held_amount"]),
                    (&json!("0.00"), &json!("-50.00"))
                );
            }
            if user == ann {
                assert_eq!(
                    column(&json!(mine), "kind"),
                    ["correction", "adoption_fee", "ads", "groups"],
                    "{mine:#?}"
                );
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_found_by_date_and_kind() {
    with_app(async |app| {
        family(app).await?;
        let user = app.user("U-ann").await?;
        let ann = app.h5(user)?;
        let kinds = async |query: &str| -> Result<Vec<Value>> {
            Ok(column(
                &data(&ann, &format!("/api/h5/statement?{query}")).await?,
                "kind",
            ))
        };
        assert_eq!(kinds("").await?, ["ads", "groups"]);
        assert_eq!(kinds("kind=groups").await?, ["groups"]);
        assert_eq!(kinds("kind=payout").await?, [""; 0]);
        assert_eq!(
            kinds("from=2026-11-22&to=2026-11-22").await?.len(),
            2,
            "by when it moved, not by the date it is for"
        );
        assert_eq!(kinds("to=2026-11-21").await?, [""; 0]);
        let one = data(&ann, "/api/h5/statement?kind=groups").await?;
        assert_eq!(
            (&one[0]["balance"], &one[0]["amount"], &one[0]["booked_on"]),
            (&json!("1.10"), &json!("1.10"), &json!("2026-11-21")),
            "the balance after it, whatever else is left out"
        );
        for (query, field) in [
            ("kind=money", "kind"),
            ("from=2026-11-23", "from"),
            ("from=2025-11-21", "from"),
            ("from=21.11.2026", "from"),
            ("page_size=201", "page_size"),
        ] {
            let reply = ann.get(&format!("/api/h5/statement?{query}")).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{query}");
            assert_eq!(reply.data()["field"], field, "{query}: {reply:?}");
        }
        assert_eq!(
            app.anonymous().get("/api/h5/statement").await?.outcome(),
            (401, 1401)
        );
        let viewer = app.console(Role::Viewer).await?;
        let nobody = format!("/api/console/users/{NOBODY}/statement");
        assert_eq!(viewer.get(&nobody).await?.outcome(), (404, 1404));
        assert_eq!(
            ann.get(&nobody).await?.outcome(),
            (403, 1401),
            "users have no console"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_moved_nothing_has_an_empty_statement() {
    with_app(async |app| {
        let saver = Saver::with(app, 0).await?;
        let rows = all_pages(&saver.caller, "/api/h5/statement").await?;
        assert_eq!(rows, Vec::<Value>::new());
        Ok(())
    })
    .await;
}
