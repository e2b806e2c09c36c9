//! Partitions are made before they are needed and archived, sums kept, when they are old.

use anyhow::Result;
use domain::ledger;
use domain::ledger::check;
use domain::ledger::{Account, Posting, PostingKind};
use it::{App, with_app, with_stores};
use kernel::id::UserId;
use kernel::money::Money;
use kernel::partitions;
use sea_orm::ConnectionTrait;
use std::time::Duration;
use tokio::time::sleep;

const LINES: &str = "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_lines'::regclass AND inhrelid::regclass::text ~ '_20(26|27)' ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn the_next_month_is_there_before_it_begins() {
    with_stores(async |stores| {
        let context = &stores.context;
        let made = async |day: &str| -> Result<Vec<String>> {
            partitions::make_ahead(&context.db, day.parse()?, 2).await?;
            it::fixture::rows(context, LINES).await
        };
        for _ in 0..2 {
            let names = made("2027-01-31").await?;
            assert!(
                names.ends_with(&["(ledger_lines_202701)".into(), "(ledger_lines_202702)".into()]),
                "{names:?}"
            );
        }
        let names = made("2027-02-28").await?;
        assert!(names.ends_with(&["(ledger_lines_202703)".into()]), "{names:?}");
        Ok(())
    })
    .await;
}

/// Ten yuan of income on a date: posting, slip, and the wallet's total.
async fn earned(app: &App, user: UserId, on: &str) -> Result<()> {
    partitions::make_ahead(&app.context.db, on.parse()?, 1).await?;
    post_and_slip(app, user, on).await
}

async fn post_and_slip(app: &App, user: UserId, on: &str) -> Result<()> {
    let date = on.parse()?;
    let posting = Posting {
        key: format!("test:{on}"),
        kind: PostingKind::Slip,
        user,
        lines: [
            (Account::SettlementGroups, Money::from_fen(-1_000)),
            (Account::Available, Money::from_fen(1_000)),
        ],
        reverses: None,
        reason: None,
    };
    let txn = app.context.db.begin().await?;
    ledger::post(&txn, &posting, date, app.context.clock.now()).await?;
    txn.commit().await?;
    app.execute(&format!(
        "INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, created_at)
         SELECT gen_random_uuid(), user_id, 1, 1, 10, 10, booked_on, id, created_at FROM ledger_postings WHERE key = 'test:{on}'"
    ))
    .await?;
    app.execute(&format!(
        "UPDATE accounts SET income = income + 10 WHERE user_id = '{user}'"
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn months_older_than_two_years_are_archived_and_the_books_stay_true() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let user = app.befriends("U-1", "R-1").await?;
        for on in ["2024-08-31", "2024-10-31", "2024-11-01", "2026-11-20"] {
            earned(app, user, on).await?;
        }
        let done = app.run_job("flush_activity", "2026-11-20").await?;
        assert_eq!(done["archived"], serde_json::json!(["2024-08-01", "2024-10-01"]));
        assert_eq!(
            app.rows("SELECT settle_date FROM slips ORDER BY 1").await?,
            ["(2024-11-01)", "(2026-11-20)"]
        );
        let kept = "SELECT p.key, count(l.*) FROM archive.ledger_postings_202410 AS p JOIN archive.ledger_lines_202410 AS l ON l.posting_id = p.id GROUP BY 1";
        assert_eq!(app.rows(kept).await?, ["(test:2024-10-31,2)"], "detached, not dropped");
        let wallet = ledger::wallet(app.context.db.autocommit(), user).await?;
        assert_eq!(wallet.map(|wallet| wallet.available), Some(Money::from_fen(4_000)));
        assert_eq!(check::offenders(app.context.db.autocommit()).await?, []);

        let again = app.run_job("flush_activity", "2026-11-20").await?;
        assert_eq!(again["archived"], serde_json::json!([]));
        app.at("2026-12-01T10:00:00")?;
        let next = app.run_job("flush_activity", "2026-11-30").await?;
        assert_eq!(next["archived"], serde_json::json!(["2024-11-01"]));
        assert_eq!(check::offenders(app.context.db.autocommit()).await?, []);

        app.execute("UPDATE ledger_carried_forward SET amount = amount + 1 WHERE account = 1").await?;
        let found = check::offenders(app.context.db.autocommit()).await?;
        let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["every wallet is the sum of its lines"]);
        app.execute("UPDATE ledger_carried_forward SET amount = amount - 1 WHERE account = 1").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_made_again_is_archived_again_and_the_books_stay_true() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let user = app.befriends("U-1", "R-1").await?;
        earned(app, user, "2024-08-31").await?;
        app.run_job("flush_activity", "2026-11-20").await?;
        for late in ["2024-08-30", "2024-08-29"] {
            // A settlement of an old date makes its month again.
            earned(app, user, late).await?;
            let again = app.run_job("flush_activity", "2026-11-20").await?;
            assert_eq!(again["archived"], serde_json::json!(["2024-08-01"]), "{late}");
        }
        let months = "SELECT relname::text, (SELECT count(*) FROM pg_inherits WHERE inhrelid = pg_class.oid) FROM pg_class
                      WHERE relnamespace = 'archive'::regnamespace AND relname LIKE 'slips%' AND relkind = 'r' ORDER BY 1";
        assert_eq!(app.rows(months).await?, ["(slips_202408,0)", "(slips_202408_2,0)", "(slips_202408_3,0)"]);
        let kept = "SELECT settle_date FROM archive.slips_202408 UNION ALL SELECT settle_date FROM archive.slips_202408_2
                    UNION ALL SELECT settle_date FROM archive.slips_202408_3";
        assert_eq!(app.rows(kept).await?, ["(2024-08-31)", "(2024-08-30)", "(2024-08-29)"]);
        assert_eq!(app.rows("SELECT FROM slips").await?.len(), 0);
        let wallet = ledger::wallet(app.context.db.autocommit(), user).await?;
        assert_eq!(wallet.map(|wallet| wallet.available), Some(Money::from_fen(3_000)));
        assert_eq!(check::offenders(app.context.db.autocommit()).await?, []);
        Ok(())
    })
    .await;
}

/// Rows came while nobody made their month: they lie in the default partitions.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_made_late_takes_its_rows_out_of_the_default_partition() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let user = app.befriends("U-1", "R-1").await?;
        for table in [
            "ledger_postings",
            "ledger_lines",
            "slips",
            "settlement_importers",
            "settlement_lines",
            "settlement_movements",
        ] {
            app.execute(&format!("DROP TABLE IF EXISTS {table}_203101"))
                .await?;
        }
        post_and_slip(app, user, "2031-01-15").await?;
        assert_eq!(
            app.rows("SELECT tableoid::regclass FROM slips").await?,
            ["(slips_default)"]
        );
        for _ in 0..2 {
            partitions::make_ahead(&app.context.db, "2031-01-15".parse()?, 2).await?;
        }
        assert_eq!(
            app.rows("SELECT tableoid::regclass FROM slips").await?,
            ["(slips_203101)"]
        );
        assert_eq!(app.rows("SELECT FROM ledger_lines_203101").await?.len(), 2);
        assert_eq!(app.rows("SELECT FROM ledger_lines_default").await?.len(), 0);
        assert_eq!(check::offenders(app.context.db.autocommit()).await?, []);
        Ok(())
    })
    .await;
}

/// Whoever makes a month waits for those who book, and those for it; neither may be thrown out for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_made_beside_a_transaction_that_goes_on_booking() {
    with_app(async |app| {
        let booking = app.context.db.begin().await?;
        // As a settlement run does: its own tables first, the ledger's after that.
        let touch = async |table: &str| {
            let lock = format!("LOCK TABLE {table} IN ROW EXCLUSIVE MODE");
            booking.execute_unprepared(&lock).await
        };
        touch("settlement_importers").await?;
        let context = app.context.clone();
        let day = "2024-12-01".parse()?;
        let making = tokio::spawn(async move { partitions::make_ahead(&context.db, day, 1).await });
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while app.rows(waits).await? != ["(1)"] {
            sleep(Duration::from_millis(5)).await;
        }
        for table in ["slips", "ledger_lines", "ledger_postings"] {
            touch(table).await?;
        }
        booking.commit().await?;
        making.await??;
        let made = "SELECT to_regclass('settlement_movements_202412') IS NOT NULL";
        assert_eq!(app.rows(made).await?, ["(t)"]);
        Ok(())
    })
    .await;
}
