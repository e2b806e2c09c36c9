//! Corrections: the books follow what happened outside them, one operator small sums, two operators large ones.

use anyhow::Result;
use domain::identity::Role;
use it::{App, Client, Reply, with_app};
use reqwest::Method;
use serde_json::{Value, json};

use crate::withdrawal::{Saver, money, reply};

fn order(saver: &Saver, account: &str, amount: Value) -> Value {
    json!({"user_id": saver.id.to_string(), "account": account, "amount": amount, "reason": "paid before the restore"})
}

async fn propose(operator: &Client, key: &str, order: &Value) -> Result<Reply> {
    let request = operator.request(Method::POST, "/api/console/ledger/corrections");
    reply(request.header("idempotency-key", key).json(order)).await
}

async fn review(operator: &Client, id: &Value, decision: &str) -> Result<Reply> {
    let id = id.as_str().unwrap_or_default();
    let path = format!("/api/console/ledger/corrections/{id}/review");
    operator.post(&path, json!({ "decision": decision })).await
}

async fn check_is_clean(app: &App) -> Result<()> {
    let checked = app
        .console(Role::Finance)
        .await?
        .get("/api/console/ledger/check")
        .await?;
    assert_eq!(checked.data()["clean"], json!(true), "{checked:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_the_books_forgot_is_booked_once() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        let finance = app.console(Role::Finance).await?;
        let payout = order(&saver, "payouts", json!("-20.00"));
        let first = propose(&finance, "key", &payout).await?;
        assert_eq!(
            (first.outcome(), &first.data()["state"]),
            ((200, 1200), &json!("booked")),
            "{first:?}"
        );
        let again = propose(&finance, "key", &payout).await?;
        assert_eq!(again.data(), first.data());
        assert_eq!(saver.wallet(app).await?, money("80.00", "0.00"));
        assert_eq!(saver.slips(app).await?, ["(6,2,20.00)"]);
        let shown = app.rows("SELECT remark, balance FROM slips").await?;
        assert_eq!(shown, ["(\"paid before the restore\",80.00)"]);
        assert_eq!(
            app.rows("SELECT balance FROM house_accounts WHERE name = 'payouts'")
                .await?,
            ["(20.00)"]
        );
        let trail = app.rows("SELECT action FROM audit_entries").await?;
        assert_eq!(trail, ["(propose_correction)"]);
        check_is_clean(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_one_needs_two_operators() {
    with_app(async |app| {
        let saver = Saver::with(app, 50_000).await?;
        let (one, other) = (app.console(Role::Finance).await?, app.console(Role::Admin).await?);
        let large = order(&saver, "payouts", json!("-200.01"));
        let proposed = propose(&one, "key", &large).await?;
        let id = &proposed.data()["id"];
        assert_eq!(proposed.data()["state"], json!("proposed"), "{proposed:?}");
        assert_eq!(
            review(&one, id, "agree").await?.outcome(),
            (409, 1409),
            "not by who proposed it"
        );
        assert_eq!(saver.wallet(app).await?, money("500.00", "0.00"));
        let open = other
            .get("/api/console/ledger/corrections?state=proposed")
            .await?;
        assert_eq!(open.data()[0]["id"], *id);
        let agreed = futures::future::try_join_all((0..8).map(|_| review(&other, id, "agree"))).await?;
        let done: Vec<(u16, i64)> = agreed
            .iter()
            .map(Reply::outcome)
            .filter(|outcome| outcome.0 == 200)
            .collect();
        assert_eq!(done, [(200, 1200)], "{agreed:?}");
        assert_eq!(saver.wallet(app).await?, money("299.99", "0.00"));

        let beyond = order(&saver, "payouts", json!("100000000000.01"));
        let refused = propose(&one, "beyond", &beyond).await?;
        assert_eq!(
            (refused.outcome(), &refused.data()["field"]),
            ((400, 1403), &json!("amount"))
        );

        let dropped = propose(&one, "second", &large).await?;
        let id = &dropped.data()["id"];
        assert_eq!(review(&one, id, "drop").await?.data()["state"], json!("dropped"));
        assert_eq!(review(&other, id, "agree").await?.outcome(), (409, 1409));
        assert_eq!(saver.slips(app).await?.len(), 1);
        check_is_clean(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_booked_changes_nothing() {
    with_app(async |app| {
        let saver = Saver::with(app, 1_000).await?;
        let finance = app.console(Role::Finance).await?;
        for (account, amount, outcome) in [
            ("payouts", json!("-10.01"), (409, 3002)),
            ("held", json!("1.00"), (400, 1403)),
            ("payouts", json!("0.00"), (400, 1403)),
            ("payouts", json!(-1), (400, 1403)),
            ("payouts", json!("1.001"), (400, 1403)),
        ] {
            let refused = propose(&finance, "key", &order(&saver, account, amount)).await?;
            assert_eq!(refused.outcome(), outcome, "{refused:?}");
        }
        let mut silent = order(&saver, "payouts", json!("-1.00"));
        let keyless = finance
            .post("/api/console/ledger/corrections", silent.clone())
            .await?;
        assert_eq!(keyless.outcome(), (400, 1403), "no key");
        silent["reason"] = json!(" ");
        assert_eq!(propose(&finance, "key", &silent).await?.outcome(), (400, 1403));
        let support = app.console(Role::Support).await?;
        let payout = order(&saver, "payouts", json!("-1.00"));
        assert_eq!(propose(&support, "key", &payout).await?.status, 403);
        assert_eq!(app.rows("SELECT FROM corrections").await?.len(), 0);
        assert_eq!(saver.wallet(app).await?, money("10.00", "0.00"));
        Ok(())
    })
    .await;
}
