//! One withdrawal for operators, and what a decision would come to.

use super::{Saver, decide, money, pay};
use anyhow::Result;
use domain::identity::Role;
use it::{Client, with_app};
use serde_json::{Value, json};

async fn detail(operator: &Client, id: &str) -> Result<Value> {
    let reply = operator.get(&format!("/api/console/withdrawals/{id}")).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
    Ok(reply.data().clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_who_decided_what_may_follow_and_how_money_moved() {
    with_app(async |app| {
        let saver = Saver::with(app, 100_000).await?;
        let id = saver.withdraws("500.00").await?;
        let (first, second) = (app.console(Role::Finance).await?, app.console(Role::Admin).await?);
        let viewer = app.console(Role::Viewer).await?;
        let new = detail(&first, &id).await?;
        assert_eq!(
            (&new["needs_two"], &new["may_approve"]["allowed"]),
            (&json!(true), &json!(true)),
            "{new}"
        );
        assert_eq!(detail(&viewer, &id).await?["may_reject"]["allowed"], false);

        decide(&first, &id, "approve").await?;
        let half = detail(&first, &id).await?;
        assert_eq!(half["may_approve"]["allowed"], false, "{half}");
        assert!(
            half["may_approve"]["why_not"]
                .as_str()
                .is_some_and(|why| why.contains("another operator"))
        );
        assert_eq!(half["may_reject"]["allowed"], true);
        assert_eq!(
            (half["reviews"].as_array().map(Vec::len), &half["approved_at"]),
            (Some(1), &Value::Null)
        );
        decide(&second, &id, "approve").await?;
        assert_eq!(pay(app).await?.paid, 1);

        let paid = detail(&second, &id).await?;
        assert_eq!(paid["reviews"].as_array().map(Vec::len), Some(2), "{paid}");
        for time in ["created_at", "approved_at", "submitted_at", "finished_at"] {
            assert!(paid[time].is_string(), "{time}: {paid}");
        }
        let kinds: Vec<&Value> = paid["postings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| &row["kind"])
            .collect();
        assert_eq!(kinds, ["hold", "payout"]);
        assert_eq!(paid["may_reject"]["allowed"], false);
        let nobody = "/api/console/withdrawals/018f2d3e-0000-7000-8000-000000000000";
        assert_eq!(first.get(nobody).await?.outcome(), (404, 1404));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_become_and_changes_nothing() {
    with_app(async |app| {
        let saver = Saver::with(app, 100_000).await?;
        let id = saver.withdraws("500.00").await?;
        let small = Saver::with(app, 10_000).await?.withdraws("20.00").await?;
        let operator = app.console(Role::Admin).await?;
        let gone = "018f2d3e-0000-7000-8000-000000000000";
        let ask = async |decision: &str| -> Result<Value> {
            let body = json!({"ids": [id, gone, small], "decision": decision, "dry_run": true});
            let reply = operator.post("/api/console/withdrawals/review", body).await?;
            assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
            Ok(reply.data().clone())
        };
        let would = ask("approve").await?;
        let told: Vec<[&Value; 4]> = would
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| [&row["id"], &row["code"], &row["detail_state"], &row["amount"]])
            .collect();
        assert_eq!(
            told,
            [
                [&json!(id), &json!(1200), &json!("requested"), &json!("500.00")],
                [&json!(gone), &json!(1404), &Value::Null, &Value::Null],
                [&json!(small), &json!(1200), &json!("approved"), &json!("20.00")],
            ]
        );
        assert_eq!(ask("reject").await?[0]["detail_state"], "rejected");
        assert_eq!(
            app.rows("SELECT count(*) FROM withdrawal_reviews").await?,
            ["(0)"]
        );
        assert_eq!(saver.sees(&id).await?, ("requested".to_owned(), 0));
        assert_eq!(saver.wallet(app).await?, money("500.00", "500.00"));
        decide(&operator, &id, "approve").await?;
        assert_eq!(
            ask("approve").await?[0]["code"],
            1409,
            "nobody agrees with themselves"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_decided_at_once_and_told_in_their_order() {
    with_app(async |app| {
        let mut ids = Vec::new();
        for _ in 0..6 {
            ids.push(Saver::with(app, 10_000).await?.withdraws("20.00").await?);
        }
        let operator = app.console(Role::Admin).await?;
        decide(&operator, &ids[3], "reject").await?;
        let body = json!({"ids": ids, "decision": "reject", "reason": "no"});
        let reply = operator.post("/api/console/withdrawals/review", body).await?;
        let told: Vec<(&Value, &Value)> = reply
            .data()
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| (&row["id"], &row["code"]))
            .collect();
        assert_eq!(told.len(), 6, "{reply:?}");
        for (place, (id, code)) in told.into_iter().enumerate() {
            assert_eq!(
                (id, code),
                (&json!(ids[place]), &json!(if place == 3 { 1409 } else { 1200 }))
            );
        }
        Ok(())
    })
    .await;
}
