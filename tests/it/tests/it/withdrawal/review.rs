//! Operators decide: approve, reject, block.

use super::{Saver, approved, decide, money, pay, times_paid};
use domain::identity::Role;
use it::with_app;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_large_amount_needs_two_operators() {
    with_app(async |app| {
        let saver = Saver::with(app, 100_000).await?;
        let id = saver.withdraws("500.00").await?;
        let (first, second) = (app.console(Role::Admin).await?, app.console(Role::Admin).await?);
        assert_eq!(decide(&first, &id, "approve").await?["detail_state"], "requested");
        assert_eq!(
            decide(&first, &id, "approve").await?["code"],
            1409,
            "the same person again"
        );
        assert_eq!(pay(app).await?.submitted, 0);
        assert_eq!(decide(&second, &id, "approve").await?["detail_state"], "approved");
        assert_eq!(pay(app).await?.paid, 1);
        assert_eq!(saver.wallet(app).await?, money("500.00", "0.00"));
        let audited = app
            .rows("SELECT count(DISTINCT operator_id) FROM audit_entries WHERE action = 'approve_withdrawal'")
            .await?;
        assert_eq!(audited, ["(2)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_gives_the_money_back_once() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        let id = saver.withdraws("20.00").await?;
        let operator = app.console(Role::Admin).await?;
        let silent = json!({"ids": [id], "decision": "reject", "reason": " "});
        assert_eq!(
            operator
                .post("/api/console/withdrawals/review", silent)
                .await?
                .code(),
            1403
        );
        assert_eq!(decide(&operator, &id, "reject").await?["state"], 2);
        for decision in ["reject", "approve"] {
            assert_eq!(
                decide(&operator, &id, decision).await?["code"],
                1409,
                "{decision}"
            );
        }
        assert_eq!(saver.sees(&id).await?, ("rejected".to_owned(), 2));
        assert_eq!(saver.wallet(app).await?, money("100.00", "0.00"));
        assert_eq!(pay(app).await?.submitted, 0);
        assert_eq!(times_paid(app, &id).await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_is_not_paid() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let operator = app.console(Role::Admin).await?;
        let block = format!("/api/console/users/{}/block", saver.id);
        let blocked = operator.post(&block, json!({"reason": "fraud"})).await?;
        assert_eq!(blocked.outcome(), (200, 1200), "{blocked:?}");
        assert_eq!(pay(app).await?.submitted, 0);
        assert_eq!(times_paid(app, &id).await?, None);
        assert_eq!(saver.wallet(app).await?, money("1000.00", "0.00"));
        let state = app.rows("SELECT state FROM withdrawals").await?;
        assert_eq!(state, ["(rejected)"]);
        assert_ne!(saver.asks("20.00", "another").await?.code(), 1200);
        assert_eq!(saver.wallet(app).await?, money("1000.00", "0.00"));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_some_roles_decide() {
    with_app(async |app| {
        let saver = Saver::with(app, 10_000).await?;
        let id = saver.withdraws("20.00").await?;
        let body = json!({"ids": [id], "decision": "approve"});
        let path = "/api/console/withdrawals/review";
        for caller in [
            app.anonymous(),
            saver.caller.clone(),
            app.console(Role::Viewer).await?,
        ] {
            let refused = caller.post(path, body.clone()).await?;
            assert!([401, 403].contains(&refused.status), "{refused:?}");
        }
        assert_eq!(saver.sees(&id).await?.0, "requested");
        Ok(())
    })
    .await;
}
