//! A business day from its first robot to its last fen.

use crate::identity::adopt;
use crate::withdrawal::{Saver, decide, money, pay, times_paid};
use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::ledger::AmountType;
use domain::ledger::statement::{self, Slip};
use domain::robot as robots;
use domain::settlement::audit;
use domain::settlement::explain;
use it::{App, Client, with_app};
use kernel::page::Page;
use rust_decimal::Decimal;
use scheduler::engine;
use serde_json::json;
use std::collections::BTreeMap;

const DAY: &str = "2026-11-21";

/// Three generations: each was shown their robot by the one before.
struct Family {
    callers: Vec<Client>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fen_of_a_day_is_paid_once_and_explained() {
    with_app(a_day).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_day_told_twice_and_shuffled_ends_the_same() {
    for seed in 1..=3 {
        with_app(async |app| {
            app.simulator.say_all_twice(seed).await?;
            a_day(app).await
        })
        .await;
    }
}

async fn a_day(app: &App) -> Result<()> {
    let family = morning(app).await?;
    groups_move_in(app).await?;
    stars_and_ads(app).await?;
    night(app).await?;
    wallets(app).await?;
    slips_explain_every_fen(app).await?;
    ann_is_paid(app).await?;
    bi_heard(app).await?;
    a_second_night_changes_nothing(app).await?;
    for caller in &family.callers {
        assert_eq!(
            caller.get("/api/h5/me").await?.code(),
            1406,
            "a night is longer than a token"
        );
    }
    Ok(())
}

/// Robots are handed out, and people adopt them.
async fn morning(app: &App) -> Result<Family> {
    app.robot("R-1").await?;
    app.robot("R-2").await?;
    app.run_job("distribute_robots", DAY).await?;
    let mut callers = vec![adopt(app, "grand", "R-1", None).await?];
    let grand = app.user("U-grand").await?.to_string();
    callers.push(adopt(app, "master", "R-1", Some(grand)).await?);
    let master = app.user("U-master").await?.to_string();
    callers.push(adopt(app, "ann", "R-2", Some(master)).await?);
    let displays: i32 = robots::capacity_of(&app.context, DAY.parse()?)
        .await?
        .iter()
        .map(|robot| robot.displays)
        .sum();
    assert_eq!(displays, 3);
    Ok(Family { callers })
}

async fn groups_move_in(app: &App) -> Result<()> {
    let pulls = [
        ("U-ann", "R-2", "G-1"),
        ("U-ann", "R-2", "G-2"),
        ("U-master", "R-1", "G-3"),
        ("U-grand", "R-1", "G-4"),
    ];
    app.all_pull(&pulls).await?;
    let groups = app
        .rows("SELECT count(*), min(member_count) FROM groups WHERE status = 1")
        .await?;
    assert_eq!(groups, ["(4,60)"]);
    Ok(())
}

/// What the two systems beside us send in the course of the day.
async fn stars_and_ads(app: &App) -> Result<()> {
    let stars = [("G-1", 5), ("G-2", 3), ("G-3", 4), ("G-4", 1), ("G-gone", 5)];
    let ratings = stars.map(|(code, star)| json!({"groupId": code, "state": 1, "star": star}));
    let rated = app
        .signed_post(
            "/groups/star",
            json!({"command": "update_group_star", "data": ratings}),
        )
        .await?;
    assert_eq!(
        (rated.status, &rated.body["resultCode"]),
        (200, &json!(100)),
        "{rated:?}"
    );
    app.drain().await?;
    let revenues = json!({"settle_date": DAY, "data": {"G-1": 0.48, "G-3": "0.16", "G-gone": "9.99"}});
    let accepted = app.signed_post("/settlement", revenues.clone()).await?;
    assert_eq!(accepted.outcome(), (200, 1200), "{accepted:?}");
    assert_eq!(accepted.data(), &json!({"accepted": 2, "unknown": ["G-gone"]}));
    let again = app.signed_post("/settlement", revenues).await?;
    assert_eq!(again.outcome(), (409, 1409));
    assert_eq!(again.data(), accepted.data(), "the first answer");
    Ok(())
}

/// Every job whose time comes in the night, in the order of the registry.
async fn night(app: &App) -> Result<()> {
    app.at("2026-11-22T03:05:00")?;
    engine::run_due(&app.context, Some(&app.outside)).await?;
    app.drain().await?;
    let failed = app
        .rows("SELECT job, business_date, error FROM job_runs WHERE state <> 'done'")
        .await?;
    assert_eq!(failed, [""; 0]);
    let checked = app.rows("SELECT clean FROM ledger_checks").await?;
    assert!(
        !checked.is_empty() && checked.iter().all(|clean| clean == "(t)"),
        "{checked:?}"
    );
    Ok(())
}

/// G-1 earns 1.00, G-2 0.10, G-3 0.30 and G-4 0.02. A master gets 0.10 of that, a grand-master 0.03; of ads alike. What is
/// less than a fen is carried, and an adoption costs 0.01.
async fn wallets(app: &App) -> Result<()> {
    let slips = "SELECT u.code, amount_type, direction, amount FROM slips JOIN users AS u ON u.id = user_id ORDER BY 1, 2";
    let expected = [
        "(U-ann,1,1,1.10)",
        "(U-ann,2,1,0.48)",
        "(U-ann,8,2,0.01)",
        "(U-grand,1,1,0.02)",
        "(U-grand,3,1,0.06)",
        "(U-grand,4,1,0.03)",
        "(U-grand,8,2,0.01)",
        "(U-master,1,1,0.30)",
        "(U-master,2,1,0.16)",
        "(U-master,3,1,0.11)",
        "(U-master,4,1,0.04)",
        "(U-master,8,2,0.01)",
    ];
    assert_eq!(app.rows(slips).await?, expected);
    let wallets = "SELECT u.code, available, held, income, carried_disciple_groups, carried_disciple_ads
                   FROM accounts JOIN users AS u ON u.id = user_id WHERE u.code IS NOT NULL ORDER BY 1";
    let expected = [
        "(U-ann,1.57,0.00,1.58,0.000000,0.000000)",
        "(U-grand,0.10,0.00,0.11,0.003000,0.000400)",
        "(U-master,0.60,0.00,0.61,0.000000,0.008000)",
    ];
    assert_eq!(app.rows(wallets).await?, expected);
    Ok(())
}

/// Down to group, rule version and inputs: the lines of a slip sum to what moved.
async fn slips_explain_every_fen(app: &App) -> Result<()> {
    let page = Page {
        current: 0,
        size: 100,
    };
    for code in ["U-ann", "U-master", "U-grand"] {
        let user = app.user(code).await?;
        let days = statement::days(&app.context, user, 15).await?;
        let slips: Vec<Slip> = days.into_iter().flat_map(|day| day.slips).collect();
        assert!(slips.len() >= 3, "{code}: {slips:?}");
        for slip in slips
            .iter()
            .filter(|slip| slip.amount_type <= AmountType::DiscipleAds)
        {
            let explanation = explain(&app.context, user, slip.id, page).await?;
            let movement = explanation.movement.context("a slip without a movement")?;
            let lines: Decimal = explanation.lines.iter().map(|line| line.amount.decimal()).sum();
            let (before, after) = (movement.before.decimal(), movement.after.decimal());
            assert_eq!(lines, movement.sum.decimal(), "{code}: {slip:?}");
            assert_eq!(before + lines, slip.amount.decimal() + after, "{code}: {slip:?}");
            assert!(
                explanation.lines.iter().all(|line| line.confirmed),
                "the rule, asked again, says the same"
            );
            let stranger = app
                .user(if code == "U-ann" { "U-grand" } else { "U-ann" })
                .await?;
            let denied = explain(&app.context, stranger, slip.id, page).await;
            assert_eq!(denied.unwrap_err().code.number(), 1404);
        }
    }
    Ok(())
}

/// Ann takes one yuan home.
async fn ann_is_paid(app: &App) -> Result<()> {
    let ann = Saver {
        id: app.user("U-ann").await?,
        caller: app.h5(app.user("U-ann").await?)?,
    };
    let phone = "13800000001";
    let sent = ann
        .caller
        .post("/api/h5/auth/sms-code", json!({ "phone": phone }))
        .await?;
    assert_eq!(sent.outcome(), (200, 1200), "{sent:?}");
    app.drain().await?;
    let code = app.simulator.sms_code(phone).await?;
    let bound = ann
        .caller
        .put("/api/h5/me/phone", json!({"phone": phone, "code": code}))
        .await?;
    assert_eq!(bound.outcome(), (200, 1200), "{bound:?}");
    let id = ann.withdraws("1.00").await?;
    assert_eq!(ann.wallet(app).await?, money("0.57", "1.00"));
    decide(&app.console(Role::Finance).await?, &id, "approve").await?;
    assert_eq!(pay(app).await?.paid, 1);
    app.drain().await?;
    assert_eq!(
        (ann.wallet(app).await?, times_paid(app, &id).await?),
        (money("0.57", "0.00"), Some(1))
    );
    let slips = ann.slips(app).await?;
    assert!(slips.contains(&"(9,2,1.00)".to_owned()), "{slips:?}");
    assert_eq!(ann.sees(&id).await?, ("paid".to_owned(), 3));
    let checked = audit(&app.context, false).await?;
    assert!(checked.clean, "{checked:?}");
    Ok(())
}

async fn bi_heard(app: &App) -> Result<()> {
    let mut heard: BTreeMap<String, usize> = BTreeMap::new();
    for message in app.bi.take(&app.context.config.mq.bi_queue).await? {
        let command = message.json()?["command"]
            .as_str()
            .context("no command")?
            .to_owned();
        *heard.entry(command).or_default() += 1;
    }
    // Each of the three was first two: one the robot met, one that logged in through WeChat.
    let expected = [
        ("group_bound", 4),
        ("settlement_posted", 2),
        ("star_changed", 4),
        ("user_registered", 6),
        // Asked for, approved, taken by WeChat Pay, paid.
        ("withdrawal_changed", 4),
    ];
    assert_eq!(
        heard,
        expected.map(|(name, count)| (name.to_owned(), count)).into()
    );
    Ok(())
}

async fn a_second_night_changes_nothing(app: &App) -> Result<()> {
    let money = "SELECT (SELECT md5(string_agg(a::text, '|' ORDER BY user_id)) FROM accounts AS a), (SELECT count(*) FROM slips),
                 (SELECT count(*) FROM ledger_postings), (SELECT count(*) FROM outbox)";
    let before = app.rows(money).await?;
    engine::run_due(&app.context, Some(&app.outside)).await?;
    for job in ["settle_groups", "settle_ads", "collect_fees"] {
        app.run_job(job, DAY).await?;
    }
    app.drain().await?;
    assert_eq!(app.rows(money).await?, before);
    Ok(())
}
