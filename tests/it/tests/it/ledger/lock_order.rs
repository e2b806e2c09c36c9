//! Whatever posts locks in one order, wallets before the accounts of the house: no two ever wait for each other.

use anyhow::{Context as _, Result, ensure};
use domain::identity::Role;
use domain::identity::operator;
use domain::ledger::{self, HouseAccount, NewCorrection, Posting};
use domain::settlement::RunKind;
use domain::settlement::ads::{self, Revenue};
use domain::settlement::{self, Options};
use futures::future::{BoxFuture, FutureExt, join_all};
use it::{Stores, with_stores};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::id::{OperatorId, PostingId, UserId, WithdrawalId};
use kernel::money::Money;
use kernel::partitions;
use sea_orm::DatabaseTransaction;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How long somebody may take to get to a lock.
const PATIENCE: Duration = Duration::from_secs(20);
/// Days that are settled while others post.
const DAYS: u64 = 25;

/// One robot and many people, each with money, a friendship and a group of three stars that earns every day.
async fn town(context: &Context, people: i32) -> Result<Vec<UserId>> {
    let robot = it::fixture::robot(context, "R-1", None, 30).await?.id;
    let steps = [
        "INSERT INTO users (id, code, nickname, created_at, updated_at)
         SELECT gen_random_uuid(), 'U-' || n, 'U-' || n, $2, $2 FROM generate_series(1, $3) AS n WHERE $1::uuid IS NOT NULL",
        "INSERT INTO accounts (user_id) SELECT id FROM users WHERE $1::uuid IS NOT NULL AND $2::timestamptz IS NOT NULL AND $3 > 0",
        "INSERT INTO friendships (robot_id, user_id, created_at) SELECT $1, id, $2 FROM users WHERE $3 > 0",
        "INSERT INTO groups (id, code, name, user_id, star, template_id, bound_at, updated_at)
         SELECT gen_random_uuid(), 'G-' || u.code, 'G', u.id, 3, t.id, $2 - interval '60 days', $2
         FROM users AS u, profit_templates AS t WHERE $1::uuid IS NOT NULL AND $3 > 0",
        "INSERT INTO group_settle_counts (group_id, settle_count)
         SELECT id, 0 FROM groups WHERE $1::uuid IS NOT NULL AND $2::timestamptz IS NOT NULL AND $3 > 0",
    ];
    for step in steps {
        let values = [robot.into(), context.clock.now().into(), people.into()];
        db::execute(context.db.autocommit(), step, values).await?;
    }
    let people: Vec<UserId> =
        db::fetch_column(context.db.autocommit(), "SELECT id FROM users ORDER BY id", []).await?;
    let finance = finance(context).await?;
    for person in &people {
        let gift = NewCorrection {
            amount: Money::from_fen(10_000),
            ..one_fen(*person)
        };
        ledger::propose_correction(context, finance, gift, Some(&person.to_string())).await?;
    }
    Ok(people)
}

async fn finance(context: &Context) -> Result<OperatorId> {
    Ok(operator::add(context, "finance", Role::Finance, "a long password".into()).await?)
}

fn one_fen(user: UserId) -> NewCorrection {
    NewCorrection {
        user,
        account: HouseAccount::SettlementGroups,
        amount: Money::from_fen(1),
        reason: "a test".to_owned(),
    }
}

async fn ads_of(context: &Context, date: BusinessDate) -> Result<()> {
    let codes: Vec<String> = db::fetch_column(context.db.autocommit(), "SELECT code FROM groups", []).await?;
    let revenues = codes.into_iter().map(|code| Revenue::new(code, "0.48"));
    ads::accept(context, date, revenues.collect::<kernel::Result<_>>()?).await?;
    Ok(())
}

/// A posting of a slip that nobody has reversed.
async fn any_slip(context: &Context) -> Result<PostingId> {
    let sql = "SELECT id FROM ledger_postings AS p WHERE kind = 'slip'
               AND NOT EXISTS (SELECT FROM ledger_keys WHERE key = 'reversal:' || p.id) LIMIT 1";
    let found = db::fetch_scalar(context.db.autocommit(), sql, []).await?;
    found.context("there is no slip")
}

/// Money goes into a payout and comes back.
async fn hold_and_release(context: &Context, user: UserId) -> kernel::Result<()> {
    let (id, fen) = (WithdrawalId::new(), Money::from_fen(1));
    let (today, now) = (context.clock.today(), context.clock.now());
    let txn = context.db.begin().await?;
    ledger::lock_wallet(&txn, user).await?;
    ledger::post(&txn, &Posting::hold(id, user, fen), today, now).await?;
    ledger::post(&txn, &Posting::release(id, user, fen), today, now).await?;
    txn.commit().await.map_err(kernel::Error::from)
}

/// Waits until a transaction of this database waits for a lock.
async fn somebody_waits(txn: &DatabaseTransaction) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let sql = "SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event <> 'advisory'";
    loop {
        // A transaction sees the connections that were there when it first looked.
        db::execute(txn, "SELECT pg_stat_clear_snapshot()", []).await?;
        let waiting: Option<i64> = db::fetch_scalar(txn, sql, []).await?;
        if waiting > Some(0) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "nobody waits for a wallet");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Holds every wallet, starts an act, and shows that it waits with empty hands: the house is free.
async fn waits_with_empty_hands<T: Send + 'static>(
    context: &Context,
    what: &str,
    act: BoxFuture<'static, kernel::Result<T>>,
) -> Result<T> {
    let wallets = context.db.begin().await?;
    db::execute(&wallets, "SELECT FROM accounts FOR UPDATE", []).await?;
    let act: JoinHandle<kernel::Result<T>> = tokio::spawn(act);
    somebody_waits(&wallets).await.context(what.to_owned())?;
    db::execute(&wallets, "SELECT FROM house_accounts FOR UPDATE NOWAIT", [])
        .await
        .with_context(|| format!("{what} holds the house while it waits for a wallet"))?;
    wallets.rollback().await?;
    act.await?.with_context(|| what.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_wallet_does_not_hold_the_house() {
    with_stores(async |stores| {
        let context = &stores.context;
        let people = town(context, 5).await?;
        let (user, finance, date) = (
            people[0],
            finance(context).await?,
            context.clock.today().minus_days(1),
        );
        ads_of(context, date).await?;
        for kind in [RunKind::Groups, RunKind::Ads] {
            let own = context.clone();
            let run = async move { settlement::settle(&own, kind, date, 0, Options::default()).await };
            waits_with_empty_hands(context, kind.name(), run.boxed()).await?;
        }
        let own = context.clone();
        let corrected =
            async move { ledger::propose_correction(&own, finance, one_fen(user), Some("key")).await };
        waits_with_empty_hands(context, "a correction", corrected.boxed()).await?;
        let (own, slip) = (context.clone(), any_slip(context).await?);
        let reversed = async move { ledger::reverse(&own, finance, slip, "a test").await };
        waits_with_empty_hands(context, "a reversal", reversed.boxed()).await?;
        let own = context.clone();
        let collected = async move { ledger::collect_fees(&own, false).await };
        waits_with_empty_hands(context, "the collection of fees", collected.boxed()).await?;
        let own = context.clone();
        let held = async move { hold_and_release(&own, user).await };
        waits_with_empty_hands(context, "a withdrawal", held.boxed()).await?;
        Ok(())
    })
    .await;
}

/// Somebody posts to these wallets, over and over, until the nightly run has ended. Tells how often.
fn busy(
    context: &Context,
    people: &[UserId],
    finance: OperatorId,
    which: usize,
    night: &'static AtomicBool,
) -> JoinHandle<Result<u64>> {
    let (context, people) = (context.clone(), people.to_vec());
    tokio::spawn(async move {
        let mut count = 0;
        while night.load(Ordering::Relaxed) {
            for (person, user) in people.iter().enumerate() {
                let key = format!("{which}-{count}");
                match (person + which) % 4 {
                    0 => hold_and_release(&context, *user).await?,
                    1 if which == 1 => match any_slip(&context).await {
                        Ok(slip) => taken_back(ledger::reverse(&context, finance, slip, "a test").await)?,
                        Err(_) => continue,
                    },
                    _ => {
                        ledger::propose_correction(&context, finance, one_fen(*user), Some(&key)).await?;
                    }
                }
                count += 1;
            }
        }
        Ok(count)
    })
}

/// A reversal may come too late, or find the money gone.
fn taken_back(outcome: kernel::Result<PostingId>) -> Result<()> {
    match outcome {
        Err(error) if ![1409, 3002].contains(&error.code.number()) => Err(error.into()),
        _ => Ok(()),
    }
}

async fn nights(stores: &Stores) -> Result<()> {
    static NIGHT: AtomicBool = AtomicBool::new(true);
    let context = &stores.context;
    let people = town(context, 24).await?;
    let finance = finance(context).await?;
    // Making a month's partitions locks whole tables; the first job of a day does it ahead, not a settlement.
    let first = context.clock.today().minus_days(DAYS);
    partitions::make_ahead(&context.db, first, 2).await?;
    let crowd: Vec<_> = (0..5)
        .map(|which| busy(context, &people, finance, which, &NIGHT))
        .collect();
    let settled = async {
        for days in (1..=DAYS).rev() {
            let date = context.clock.today().minus_days(days);
            ads_of(context, date).await?;
            for kind in [RunKind::Groups, RunKind::Ads] {
                settlement::settle(context, kind, date, 0, Options::default()).await?;
            }
            ledger::collect_fees(context, false).await?;
        }
        anyhow::Ok(())
    }
    .await;
    NIGHT.store(false, Ordering::Relaxed);
    settled?;
    for busy in join_all(crowd).await {
        ensure!(busy?? > 0, "somebody had nothing to do");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn settlements_and_everybody_who_posts_never_deadlock() {
    with_stores(nights).await;
}
