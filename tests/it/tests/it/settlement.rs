//! The oracle's worlds, settled: the same slips, remainders and groups to the last digit, once, explained and guarded.

use anyhow::{Context as _, Result, ensure};
use domain::ledger::check::{self, Finding};
use domain::settlement::RunKind;
use domain::settlement::{self, Options};
use domain::settlement::{audit, differences};
use it::world::{Outcome, load, outcome};
use it::{Stores, with_stores};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::id::RunId;
use sea_orm::ConnectionTrait;

const SEED_1: &str = include_str!("../../worlds/seed_1.json");
const SEED_7: &str = include_str!("../../worlds/seed_7.json");
const SEED_23: &str = include_str!("../../worlds/seed_23.json");
const SEED_42: &str = include_str!("../../worlds/seed_42.json");

/// Loads a world; the clock stands at 02:00 of the day after. Answers the date to settle and what must come of it.
async fn prepare(context: &Context, world: &str) -> Result<(BusinessDate, Outcome)> {
    let parsed: serde_json::Value = serde_json::from_str(world)?;
    let date: BusinessDate = parsed["settle_date"]
        .as_str()
        .context("no settle_date")?
        .parse()?;
    let two_o_clock = chrono::NaiveTime::from_hms_opt(2, 0, 0).context("no time")?;
    context.clock.set(date.plus_days(1).at(two_o_clock));
    load(context, world).await?;
    Ok((date, serde_json::from_value(parsed["expected"].clone())?))
}

async fn settle_both(context: &Context, date: BusinessDate) -> Result<[settlement::RunOutcome; 2]> {
    let groups = settlement::settle(context, RunKind::Groups, date, 0, Options::default()).await?;
    let ads = settlement::settle(context, RunKind::Ads, date, 0, Options::default()).await?;
    Ok([groups, ads])
}

/// Everything a run may touch, in one value.
async fn whole_state(context: &Context) -> Result<Vec<String>> {
    let mut state = Vec::new();
    for table in [
        "accounts",
        "house_accounts",
        "slips",
        "ledger_postings",
        "ledger_lines",
        "ledger_keys",
        "settlement_runs",
        "settlement_inputs",
        "settlement_lines",
        "settlement_importers",
        "settlement_movements",
        "group_settle_counts",
        "groups",
        "outbox",
    ] {
        let sql = format!(
            "SELECT '{table}' AS name, count(*) AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS content FROM {table} AS t"
        );
        state.extend(it::fixture::rows(context, &sql).await?);
    }
    Ok(state)
}

async fn as_the_oracle_says(stores: &Stores, world: &str) -> Result<()> {
    let context = &stores.context;
    let (date, expected) = prepare(context, world).await?;
    let first = settle_both(context, date).await?;
    assert!(
        first
            .iter()
            .all(|run| matches!(run, settlement::RunOutcome::Settled(_))),
        "{first:?}"
    );
    let settled = outcome(context).await?;
    assert_eq!(settled.slips, expected.slips);
    assert_eq!(settled.remainders, expected.remainders);
    assert_eq!(settled.groups_after, expected.groups_after);

    let before = whole_state(context).await?;
    let second = settle_both(context, date).await?;
    assert!(
        second
            .iter()
            .all(|run| matches!(run, settlement::RunOutcome::AlreadyDone(_))),
        "{second:?}"
    );
    assert_eq!(
        whole_state(context).await?,
        before,
        "a second run changed something"
    );
    for run in &first {
        let findings = differences(context.db.read(), run.summary().id).await?;
        assert_eq!(findings, [], "a replay differs");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn world_1_settles_as_the_oracle_says() {
    with_stores(async |stores| as_the_oracle_says(stores, SEED_1).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn world_7_settles_as_the_oracle_says() {
    with_stores(async |stores| as_the_oracle_says(stores, SEED_7).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn world_23_settles_as_the_oracle_says() {
    with_stores(async |stores| as_the_oracle_says(stores, SEED_23).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn world_42_settles_as_the_oracle_says() {
    with_stores(async |stores| as_the_oracle_says(stores, SEED_42).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_replicas_settle_a_date_once() {
    with_stores(async |stores| {
        let context = &stores.context;
        let (date, expected) = prepare(context, SEED_7).await?;
        let runs = (0..8).map(|number| {
            let context = context.clone();
            let kind = if number % 2 == 0 {
                RunKind::Groups
            } else {
                RunKind::Ads
            };
            tokio::spawn(async move { settlement::settle(&context, kind, date, 0, Options::default()).await })
        });
        let mut settled = 0;
        for run in futures::future::join_all(runs).await {
            settled += usize::from(matches!(run??, settlement::RunOutcome::Settled(_)));
        }
        assert_eq!(settled, 2);
        assert_eq!(outcome(context).await?, expected);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_an_open_day_is_refused() {
    with_stores(async |stores| {
        let context = &stores.context;
        let (date, _) = prepare(context, SEED_1).await?;
        let before = whole_state(context).await?;
        let dry = Options {
            dry_run: true,
            ..Options::default()
        };
        let rehearsed = settlement::settle(context, RunKind::Groups, date, 0, dry).await?;
        assert!(rehearsed.summary().slip_count > 0, "{rehearsed:?}");
        assert_eq!(whole_state(context).await?, before);
        let today = date.plus_days(1);
        let refused = settlement::settle(context, RunKind::Groups, today, 0, Options::default()).await;
        assert_eq!(refused.unwrap_err().code.number(), 1403);
        assert_eq!(whole_state(context).await?, before);
        Ok(())
    })
    .await;
}

/// (what is altered, the rule that must name it)
const TAMPERING: &[(&str, &str)] = &[
    (
        "UPDATE settlement_lines SET user_share = user_share + 0.000001 WHERE (settle_date, run_id, user_id, group_id) =
           (SELECT settle_date, run_id, user_id, group_id FROM settlement_lines LIMIT 1)",
        "every line is what its input says",
    ),
    (
        "UPDATE settlement_inputs SET user_share = user_share + 0.000001 WHERE (run_id, input_no) =
           (SELECT run_id, input_no FROM settlement_inputs LIMIT 1)",
        "every input is what the rule makes of its basis",
    ),
    (
        "UPDATE accounts SET available = available + 0.01 WHERE user_id = (SELECT user_id FROM slips LIMIT 1)",
        "every wallet is the sum of its lines",
    ),
    (
        "UPDATE accounts SET income = income + 0.01 WHERE user_id = (SELECT user_id FROM slips LIMIT 1)",
        "income is the sum of income slips",
    ),
    (
        "UPDATE house_accounts SET balance = balance - 0.01 WHERE account = 11",
        "every house account is the sum of its lines",
    ),
    (
        "UPDATE ledger_lines SET amount = amount + 0.01 WHERE (booked_on, posting_id, account) =
           (SELECT booked_on, posting_id, account FROM ledger_lines WHERE account = 1 LIMIT 1)",
        "every posting sums to zero",
    ),
    (
        "DELETE FROM ledger_postings WHERE id = (SELECT id FROM ledger_postings LIMIT 1)",
        "every posting has lines and every line its posting",
    ),
    (
        "UPDATE slips SET amount = amount + 0.01 WHERE id = (SELECT id FROM slips LIMIT 1)",
        "every slip has its posting",
    ),
    (
        "DELETE FROM slips WHERE id = (SELECT id FROM slips LIMIT 1)",
        "every movement has its slip",
    ),
    (
        "UPDATE settlement_movements SET before = before - 0.000001, after = after - 0.000001
         WHERE (settle_date, run_id, user_id, amount_type) = (SELECT settle_date, run_id, user_id, amount_type
           FROM settlement_movements WHERE before > 0 AND after > 0 LIMIT 1)",
        "carried remainders are what the last movement left",
    ),
    (
        "UPDATE settlement_importers SET user_share = user_share + 1 WHERE (settle_date, run_id, user_id) =
           (SELECT settle_date, run_id, user_id FROM settlement_importers LIMIT 1)",
        "every importer is the sum of their lines",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn one_row_altered_is_named() {
    with_stores(async |stores| {
        let context = &stores.context;
        let (date, _) = prepare(context, SEED_42).await?;
        let runs = settle_both(context, date).await?.map(|run| run.summary().id);
        assert!(audit(context, false).await?.clean);
        for (alteration, rule) in TAMPERING {
            // Never committed, so that each alteration is looked at alone.
            let txn = check::snapshot(context).await?.txn;
            assert_eq!(db::execute(&txn, alteration, []).await?, 1, "{alteration}");
            let findings = findings(&txn, runs).await?;
            txn.rollback().await?;
            ensure!(
                findings.iter().any(|finding| finding.rule == *rule),
                "{rule} did not notice {alteration}; found {findings:?}"
            );
        }
        Ok(())
    })
    .await;
}

async fn findings(conn: &impl ConnectionTrait, runs: [RunId; 2]) -> Result<Vec<Finding>> {
    let mut findings = check::offenders(conn).await?;
    for run in runs {
        findings.extend(differences(conn, run).await?);
    }
    Ok(findings)
}
