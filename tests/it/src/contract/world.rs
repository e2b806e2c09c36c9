//! A world in which every list has rows: people with masters, groups with stars, two settlements, withdrawals in every
//! state, corrections, a dead letter, an ad task, a planned clean-up.

use crate::{App, Client, Reply};
use anyhow::{Context as _, Result, ensure};
use domain::identity::Role;
use domain::withdrawal as withdrawals;
use reqwest::Method;
use scheduler::engine;
use serde_json::{Value, json};

/// The day that has been settled.
pub(super) const DAY: &str = "2026-11-21";
/// The clean-up of the next night is planned then, and not yet carried out.
const AFTER: &str = "2026-11-22T04:00:00";

/// The user who asks.
pub(super) struct Asking {
    pub id: String,
    pub token: String,
}

/// Makes the world; answers a user who has of everything.
pub(super) async fn furnish(app: &App) -> Result<Asking> {
    people_and_groups(app).await?;
    income(app).await?;
    // Old enough for the clean-up, and one of them with too few members.
    app.execute("UPDATE groups SET bound_at = bound_at - interval '20 days', member_count = CASE code WHEN 'G-5' THEN 2 ELSE 60 END")
        .await?;
    app.at(AFTER)?;
    engine::run_due(&app.context, Some(&app.outside)).await?;
    app.drain().await?;
    let (ann, _) = app.wechat("union-ann", "open-ann").await?;
    money_goes_out(app, &ann).await?;
    loose_ends(app).await?;
    Ok(Asking {
        id: app.user("U-ann").await?.to_string(),
        token: ann.token.context("a login without a token")?,
    })
}

async fn people_and_groups(app: &App) -> Result<()> {
    // The third has no groups and can be deleted.
    for code in ["R-1", "R-2", "R-3"] {
        app.robot(code).await?;
    }
    app.run_job("distribute_robots", DAY).await?;
    app.adopts("grand", "R-1", None).await?;
    let grand = app.user("U-grand").await?.to_string();
    app.adopts("ann", "R-1", Some(grand)).await?;
    let ann = app.user("U-ann").await?.to_string();
    for name in ["bob", "cat", "dan"] {
        app.adopts(name, "R-2", Some(ann.clone())).await?;
    }
    let pulls = [
        ("U-grand", "R-1", "G-1"),
        ("U-ann", "R-1", "G-2"),
        ("U-ann", "R-1", "G-3"),
        ("U-ann", "R-1", "G-4"),
        ("U-bob", "R-2", "G-5"),
        ("U-cat", "R-2", "G-6"),
    ];
    app.all_pull(&pulls).await
}

async fn income(app: &App) -> Result<()> {
    let stars = [
        ("G-1", 5),
        ("G-2", 4),
        ("G-3", 3),
        ("G-4", 1),
        ("G-5", 1),
        ("G-6", 2),
    ];
    let ratings = stars.map(|(code, star)| json!({"groupId": code, "state": 1, "star": star}));
    let body = json!({"command": "update_group_star", "data": ratings});
    let rated = app.signed_post("/groups/star", body).await?;
    ensure!(rated.status == 200, "{rated:?}");
    let body = json!({"settle_date": DAY, "data": {"G-2": "900.00", "G-5": "40.00", "G-gone": "1.00"}});
    good(&app.signed_post("/settlement", body).await?)?;
    let task = json!({"taskId": "T-1", "taskType": 1, "groupIds": ["G-2", "G-gone"],
                      "content": {"items": [{"type": 1, "content": "a text"}]}});
    good(&app.signed_post("/task/receive", task).await?)?;
    app.drain().await
}

/// One withdrawal paid, one rejected, one approved, one waiting.
async fn money_goes_out(app: &App, ann: &Client) -> Result<()> {
    app.execute("UPDATE users SET phone = '13800000001' WHERE code = 'U-ann'")
        .await?;
    let operator = app.console(Role::Admin).await?;
    for (number, decision) in ["approve", "reject", "approve", ""].into_iter().enumerate() {
        let request = ann
            .request(Method::POST, "/api/h5/withdrawals")
            .header("idempotency-key", format!("withdrawal-{number}"))
            .json(&json!({"amount": "20.00"}));
        let id = good(&crate::client::send(request).await?)?["id"].clone();
        if !decision.is_empty() {
            let review = json!({"ids": [id], "decision": decision, "reason": "because"});
            good(&operator.post("/api/console/withdrawals/review", review).await?)?;
        }
        if number == 0 {
            withdrawals::pay_due(&app.context, &app.outside.partners).await?;
        }
        // One a day is the rule; this one was on an earlier day.
        let earlier = format!(
            "UPDATE withdrawals SET requested_on = requested_on - {} WHERE requested_on = '{}'",
            number + 1,
            app.context.clock.today()
        );
        app.execute(&earlier).await?;
        app.later(chrono::TimeDelta::seconds(1));
    }
    Ok(())
}

async fn loose_ends(app: &App) -> Result<()> {
    // After the settlements: who looks through batches finds one that waits.
    let body = json!({"settle_date": "2026-11-20", "data": {"G-2": "1.00"}});
    good(&app.signed_post("/settlement", body).await?)?;
    let operator = app.console(Role::Admin).await?;
    app.happens("robot_added", json!({})).await?;
    let user = app.user("U-bob").await?;
    for amount in ["1.00", "300.00"] {
        let order = json!({"user_id": user, "account": "payouts", "amount": amount, "reason": "a gift"});
        let request = operator
            .request(Method::POST, "/api/console/ledger/corrections")
            .header("idempotency-key", format!("correction-{amount}"))
            .json(&order);
        good(&crate::client::send(request).await?)?;
    }
    for (act, body) in [("pause", json!({"reason": "a look"})), ("resume", json!({}))] {
        operator
            .post(&format!("/api/console/payouts/{act}"), body)
            .await?;
    }
    let order = json!({ "date": DAY });
    good(
        &operator
            .post("/api/console/jobs/check_ledger/runs", order)
            .await?,
    )?;
    Ok(())
}

fn good(reply: &Reply) -> Result<&Value> {
    ensure!(reply.outcome() == (200, 1200), "{reply:?}");
    Ok(reply.data())
}
