//! Postings, corrections and checks one by one.

use super::{NOBODY, column, data, family};
use crate::withdrawal::{Saver, decide, pay, reply};
use anyhow::{Context as _, Result};
use domain::identity::Role;
use it::{App, with_app};
use reqwest::Method;
use serde_json::{Value, json};

async fn posting_of(app: &App, kind: &str) -> Result<String> {
    let sql =
        "SELECT id::text FROM ledger_postings WHERE kind = $1 ORDER BY created_at DESC, id DESC LIMIT 1";
    let id: Option<String> = app.scalar(sql, [kind.into()]).await?;
    id.with_context(|| format!("no posting {kind}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_tells_what_it_belongs_to() {
    with_app(async |app| {
        family(app).await?;
        app.run_job("collect_fees", "2026-11-22").await?;
        let admin = app.console(Role::Admin).await?;
        let posting = async |kind: &str| -> Result<Value> {
            let id = posting_of(app, kind).await?;
            data(&admin, &format!("/api/console/ledger/postings/{id}")).await
        };
        let settled = posting("slip").await?;
        assert!(
            settled["run_id"].is_string() && settled["slip"]["slip_id"].is_string(),
            "{settled}"
        );
        assert_eq!(settled["booked_on"], "2026-11-21");
        let fee = posting("adoption").await?;
        assert!(fee["origin"]["robot_id"].is_string(), "{fee}");
        assert_eq!(
            column(&fee["lines"], "name"),
            [json!("available"), json!("adoption_fees")]
        );
        assert_eq!(column(&fee["lines"], "amount"), [json!("-0.01"), json!("0.01")]);
        assert_eq!(fee["slip"]["amount_type"], 8);

        let saver = Saver::with(app, 10_000).await?;
        let withdrawal = saver.withdraws("20.00").await?;
        let hold = posting("hold").await?;
        assert_eq!(
            (&hold["origin"]["withdrawal_id"], &hold["slip"]),
            (&json!(withdrawal), &Value::Null)
        );
        decide(&admin, &withdrawal, "approve").await?;
        assert_eq!(pay(app).await?.paid, 1);
        let payout = posting("payout").await?;
        assert_eq!(
            (&payout["origin"]["withdrawal_id"], &payout["slip"]["amount_type"]),
            (&json!(withdrawal), &json!(9))
        );

        // Both ways.
        let path = format!(
            "/api/console/ledger/postings/{}/reverse",
            fee["id"].as_str().context("no id")?
        );
        let reversed = admin.post(&path, json!({"reason": "a mistake"})).await?;
        assert_eq!(reversed.outcome(), (200, 1200), "{reversed:?}");
        let reversal = posting("reversal").await?;
        assert_eq!(
            (&reversal["reverses"], &reversal["reason"]),
            (&fee["id"], &json!("a mistake"))
        );
        let fee = data(&admin, path.trim_end_matches("/reverse")).await?;
        assert_eq!(fee["reversed_by"], reversal["id"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_and_its_posting_name_each_other() {
    with_app(async |app| {
        let saver = Saver::with(app, 0).await?;
        let admin = app.console(Role::Admin).await?;
        let order = json!({"user_id": saver.id.to_string(), "account": "red_packets", "amount": "5.00", "reason": "a gift"});
        let request = admin.request(Method::POST, "/api/console/ledger/corrections");
        let booked = reply(request.header("idempotency-key", "key").json(&order)).await?;
        let id = booked.data()["id"].as_str().context("no id")?.to_owned();
        let correction = data(&admin, &format!("/api/console/ledger/corrections/{id}")).await?;
        assert_eq!(&correction, booked.data());
        let posting = correction["posting_id"].as_str().context("no posting")?;
        let posting = data(&admin, &format!("/api/console/ledger/postings/{posting}")).await?;
        assert_eq!((&posting["origin"]["correction_id"], &posting["user_id"]), (&json!(id), &json!(saver.id.to_string())));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_check_is_shown_as_it_was() {
    with_app(async |app| {
        let finance = app.console(Role::Finance).await?;
        assert_eq!(data(&finance, "/api/console/ledger/check").await?["clean"], true);
        let checks = data(&finance, "/api/console/ledger/checks").await?;
        let id = checks[0]["id"].as_str().context("no id")?;
        assert_eq!(
            data(&finance, &format!("/api/console/ledger/checks/{id}")).await?,
            checks[0]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found_and_users_see_none_of_it() {
    with_app(async |app| {
        let saver = Saver::with(app, 0).await?;
        let viewer = app.console(Role::Viewer).await?;
        for path in [
            "groups/ID",
            "groups/ID/stars",
            "robots/ID",
            "settlement/runs/ID",
            "settlement/runs/ID/slips",
            "settlement/runs/ID/lines",
            "settlement/ads/ID",
            "settlement/ads/ID/rows",
            "ledger/postings/ID",
            "ledger/checks/ID",
            "ledger/corrections/ID",
            "jobs/nonsense",
            "users/ID/statement",
        ] {
            let path = format!("/api/console/{}", path.replace("ID", NOBODY));
            assert_eq!(viewer.get(&path).await?.outcome(), (404, 1404), "{path}");
            assert_eq!(saver.caller.get(&path).await?.outcome(), (403, 1401), "{path}");
            assert_eq!(app.anonymous().get(&path).await?.outcome(), (401, 1401), "{path}");
            if path.contains(NOBODY) {
                let odd = path.replace(NOBODY, "no-id");
                assert_eq!(viewer.get(&odd).await?.outcome(), (400, 1403), "{odd}");
            }
        }
        Ok(())
    })
    .await;
}
