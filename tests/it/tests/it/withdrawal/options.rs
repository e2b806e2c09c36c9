//! What the app may offer, and what refusals tell beside their code.

use super::Saver;
use anyhow::Result;
use it::with_app;
use serde_json::{Value, json};

async fn offered(saver: &Saver) -> Result<Value> {
    let reply = saver.caller.get("/api/h5/withdrawals/options").await?;
    assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
    Ok(reply.data().clone())
}

fn code_of(options: &Value, amount: &str) -> Value {
    let amounts = options["amounts"].as_array().into_iter().flatten();
    let found = amounts.into_iter().find(|row| row["amount"] == amount);
    found.map_or(json!("not offered"), |row| row["code"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_amount_says_whether_it_would_be_taken() {
    with_app(async |app| {
        let saver = Saver::with(app, 30_000).await?;
        let before = offered(&saver).await?;
        assert_eq!(code_of(&before, "200.00"), Value::Null, "{before}");
        assert_eq!(code_of(&before, "500.00"), 3002);
        assert_eq!(
            (&before["month_used"], &before["today"]),
            (&json!("0.00"), &Value::Null)
        );
        assert_eq!(
            (&before["month_limit"], &before["has_id_card"]),
            (&json!("800.00"), &json!(false))
        );

        let id = saver.withdraws("200.00").await?;
        let after = offered(&saver).await?;
        assert_eq!(code_of(&after, "100.00"), 3003, "{after}");
        assert_eq!(
            (&after["month_used"], &after["today"]["id"]),
            (&json!("200.00"), &json!(id))
        );
        let paying = saver.caller.get("/api/h5/withdrawals?state=1").await?;
        assert_eq!(paying.data(), &json!([]), "{paying:?}");
        let reviewed = saver.caller.get("/api/h5/withdrawals?state=0").await?;
        assert_eq!(reviewed.data()[0]["id"], json!(id), "{reviewed:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_the_app_needs_to_explain_them() {
    with_app(async |app| {
        let saver = Saver::with(app, 200_000).await?;
        app.execute(&format!(
            "INSERT INTO withdrawals (id, user_id, amount, state, bill_no, open_id, requested_on, attempts, created_at, updated_at)
             SELECT gen_random_uuid(), id, 700.00, 'paid', 'b-1', 'o', date '{}', 0, created_at, created_at
             FROM users WHERE id = '{}'",
            app.context.clock.today().month_start(), saver.id
        )).await?;
        let refused = saver.asks("200.00", "k").await?;
        assert_eq!(refused.code(), 2002, "{refused:?}");
        assert_eq!(refused.data(), &json!({"month_used": "700.00", "month_limit": "800.00"}));
        app.execute(&format!("UPDATE users SET status = 2 WHERE id = '{}'", saver.id)).await?;
        let refused = saver.asks("50.00", "k").await?;
        assert_eq!((refused.code(), &refused.data()["reason"]), (3004, &json!("blocked")));
        Ok(())
    })
    .await;
}
