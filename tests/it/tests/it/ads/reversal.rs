//! What was taken back stays taken back: no reversal is undone, and nothing goes back twice.

use super::{DATE, settle, town};
use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::ledger::check;
use domain::settlement::RunKind;
use domain::settlement::{self, Options};
use it::{App, Client, Reply, with_app};
use kernel::id::RunId;
use reqwest::Method;
use serde_json::json;

use crate::withdrawal::reply;

/// The wallet of who pulled G-1.
async fn wallet(app: &App) -> Result<Vec<String>> {
    let user = app.user("U-1").await?;
    app.rows(&format!(
        "SELECT available, carried_ads FROM accounts WHERE user_id = '{user}'"
    ))
    .await
}

async fn posting(app: &App, condition: &str) -> Result<String> {
    let sql = format!("SELECT id::text FROM ledger_postings WHERE {condition}");
    app.scalar(&sql, []).await?.context("there is no such posting")
}

/// The posting that a run brought the wallet.
async fn paid(app: &App, run: RunId) -> Result<String> {
    posting(
        app,
        &format!("id = (SELECT posting_id FROM slips WHERE run_id = '{run}')"),
    )
    .await
}

async fn reverse_posting(by: &Client, id: &str) -> Result<Reply> {
    let path = format!("/api/console/ledger/postings/{id}/reverse");
    by.post(&path, json!({"reason": "one alone"})).await
}

async fn reverse_run(by: &Client, run: RunId) -> Result<Reply> {
    let path = format!("/api/console/settlement/runs/{run}/reverse");
    by.post(&path, json!({"reason": "the whole run"})).await
}

/// The partner hands the date in again, and it is settled.
async fn comes_again(app: &App) -> Result<()> {
    let right = json!({"settle_date": DATE, "data": {"G-1": "10.006"}});
    let taken = app.signed_post("/settlement", right).await?;
    assert_eq!(taken.outcome(), (200, 1200), "{taken:?}");
    settle(app, 1).await?;
    Ok(())
}

fn is_no_reversal_to_undo(reply: &Reply) {
    assert_eq!(reply.outcome(), (400, 1403), "{reply:?}");
    assert_eq!(reply.data()["field"], "posting", "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runs_reversal_is_not_undone_posting_by_posting() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        assert_eq!(reverse_run(&finance, run).await?.outcome(), (200, 1200));
        let taken = posting(app, "id IN (SELECT posting_id FROM run_reversal_movements)").await?;
        is_no_reversal_to_undo(&reverse_posting(&finance, &taken).await?);
        assert_eq!(wallet(app).await?, ["(0.00,0.000000)"]);
        comes_again(app).await?;
        is_no_reversal_to_undo(&reverse_posting(&finance, &taken).await?);
        assert_eq!(wallet(app).await?, ["(10.00,0.006000)"], "once");
        Ok(())
    })
    .await;
}

/// Otherwise the run's reversal would leave alone what was given back, as something taken back before.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_reversal_is_not_undone_either() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        let single = reverse_posting(&finance, &paid(app, run).await?).await?;
        assert_eq!(single.outcome(), (200, 1200), "{single:?}");
        let single = single.data()["posting_id"].as_str().context("no posting")?;
        is_no_reversal_to_undo(&reverse_posting(&finance, single).await?);
        assert_eq!(reverse_run(&finance, run).await?.outcome(), (200, 1200));
        assert_eq!(wallet(app).await?, ["(0.00,0.006000)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_and_its_run_go_back_at_once_and_once() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        let paid = paid(app, run).await?;
        let (one, whole, other) = tokio::join!(
            reverse_posting(&finance, &paid),
            reverse_run(&finance, run),
            reverse_posting(&finance, &paid)
        );
        let (one, whole, other) = (one?, whole?, other?);
        assert_eq!(whole.outcome(), (200, 1200), "{whole:?}");
        let singles = [one.outcome(), other.outcome()];
        assert!(singles.contains(&(409, 1409)), "{one:?} {other:?}");
        assert!(
            singles
                .iter()
                .all(|outcome| [(200, 1200), (409, 1409)].contains(outcome)),
            "{one:?} {other:?}"
        );
        let reversals = app.rows("SELECT kind FROM ledger_postings WHERE kind = 'reversal'");
        assert_eq!(reversals.await?, ["(reversal)"]);
        assert!(wallet(app).await?.concat().starts_with("(0.00,"));
        Ok(())
    })
    .await;
}

/// Remainders that moved meanwhile may make what goes back less than a fen: then no posting of its own says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_went_back_with_its_run_without_a_posting_does_not_go_back_again() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        settle(app, 0).await?;
        let mut runs = Vec::new();
        for (date, amount) in [("2026-11-19", "0.008"), ("2026-11-18", "0.005")] {
            let batch = json!({"settle_date": date, "data": {"G-1": amount}});
            let taken = app.signed_post("/settlement", batch).await?;
            assert_eq!(taken.outcome(), (200, 1200), "{taken:?}");
            let (kind, date) = (RunKind::Ads, date.parse()?);
            let run = settlement::settle(&app.context, kind, date, 0, Options::default()).await?;
            runs.push(run.summary().id);
        }
        assert_eq!(wallet(app).await?, ["(10.01,0.009000)"]);
        let paid = paid(app, runs[0]).await?;
        let whole = reverse_run(&finance, runs[0]).await?;
        assert_eq!(whole.data()["amount"], "0.00", "{whole:?}");
        assert_eq!(wallet(app).await?, ["(10.01,0.001000)"]);
        let again = reverse_posting(&finance, &paid).await?;
        assert_eq!(again.outcome(), (409, 1409), "{again:?}");
        assert_eq!(wallet(app).await?, ["(10.01,0.001000)"]);
        Ok(())
    })
    .await;
}

/// The proof names what an earlier release let be undone.
#[tokio::test(flavor = "multi_thread")]
async fn a_runs_reversal_that_was_undone_is_found() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        assert_eq!(reverse_run(&finance, run).await?.outcome(), (200, 1200));
        app.execute(
            "INSERT INTO ledger_keys (key, posting_id, booked_on)
             SELECT 'reversal:' || posting_id, gen_random_uuid(), '2026-11-21' FROM run_reversal_movements",
        )
        .await?;
        let found = check::offenders(app.context.db.autocommit()).await?;
        let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["a reversed run is taken back whole"], "{found:?}");
        app.execute("DELETE FROM ledger_keys WHERE key IN (SELECT 'reversal:' || posting_id FROM run_reversal_movements)")
            .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_what_its_reversal_left() {
    with_app(async |app| {
        town(app).await?;
        let finance = app.console(Role::Finance).await?;
        let run = settle(app, 0).await?.summary().id;
        let path = format!("/api/console/settlement/runs/{run}");
        let still_short = async || anyhow::Ok(finance.get(&path).await?.data()["still_short"].clone());
        assert_eq!(still_short().await?, json!(null), "it stands");
        let user = app.user("U-1").await?.to_string();
        let spent = json!({"user_id": user, "account": "red_packets", "amount": "-1.00", "reason": "a test"});
        let request = finance.request(Method::POST, "/api/console/ledger/corrections");
        let spent = reply(request.header("idempotency-key", "spent").json(&spent)).await?;
        assert_eq!(spent.outcome(), (200, 1200), "{spent:?}");
        let order = json!({"reason": "wrong", "leave_short": true});
        let left = finance.post(&format!("{path}/reverse"), order).await?;
        assert_eq!(left.outcome(), (200, 1200), "{left:?}");
        let short = [json!({"user_id": user, "owed": "10.00", "available": "9.00"})];
        assert_eq!(
            still_short().await?,
            json!({"short": short, "short_count": 1, "short_amount": "10.00"})
        );
        let back = spent.data()["posting_id"].as_str().context("no posting")?;
        let undone = reverse_posting(&finance, back).await?;
        assert_eq!(undone.outcome(), (200, 1200), "{undone:?}");
        assert_eq!(reverse_run(&finance, run).await?.outcome(), (200, 1200));
        assert_eq!(
            still_short().await?,
            json!({"short": [], "short_count": 0, "short_amount": "0.00"})
        );
        Ok(())
    })
    .await;
}
