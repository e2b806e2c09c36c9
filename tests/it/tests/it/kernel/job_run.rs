//! Dated jobs: one claim a date, a lost claim writes nothing, missed dates are made up oldest first.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::settlement::model::RunKind;
use domain::settlement::service::{self, Options};
use it::{Stores, with_app, with_stores};
use kernel::clock::BusinessDate;
use kernel::config::{DailyTimes, JobsConfig};
use kernel::job_run::{self, LEASE, Slot};
use kernel::{Context, Error};
use scheduler::engine::{self, ByHand};
use scheduler::job::{Covers, Job, JobContext};
use scheduler::registry;
use serde_json::{Value, json};
use std::sync::Mutex;

fn date(text: &str) -> Result<BusinessDate> {
    Ok(text.parse()?)
}

fn later(context: &Context, by: TimeDelta) {
    context.clock.set(context.clock.now() + by);
}

/// Writes down the dates it was run for; one of them fails until told otherwise.
#[derive(Default)]
struct Diary {
    twice_a_day: bool,
    dates: Mutex<Vec<String>>,
    fails_on: Mutex<Option<String>>,
}

impl Diary {
    fn dates(&self) -> Vec<String> {
        std::mem::take(&mut self.dates.lock().expect("one holder"))
    }

    fn fail_on(&self, date: Option<&str>) {
        *self.fails_on.lock().expect("one holder") = date.map(str::to_owned);
    }
}

#[async_trait]
impl Job for Diary {
    fn name(&self) -> &'static str {
        "diary"
    }

    fn times<'a>(&self, jobs: &'a JobsConfig) -> &'a DailyTimes {
        match self.twice_a_day {
            true => &jobs.sync_robots,
            false => &jobs.settle_groups,
        }
    }

    fn covers(&self) -> Covers {
        Covers::Yesterday
    }

    async fn run(&self, _: &JobContext<'_>, date: BusinessDate) -> kernel::Result<Value> {
        let date = date.to_string();
        self.dates.lock().expect("one holder").push(date.clone());
        match *self.fails_on.lock().expect("one holder") == Some(date) {
            true => Err(Error::internal("a bad day")),
            false => Ok(json!({})),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_dates_are_made_up_oldest_first_and_wait_for_each_other() {
    with_stores(async |stores| {
        let (context, diary) = (&stores.context, Diary::default());
        assert_eq!(engine::run_due_of(context, None, &diary).await?, 1);
        assert_eq!(
            diary.dates(),
            ["2026-11-20"],
            "a new job starts with the newest date"
        );
        assert_eq!(engine::run_due_of(context, None, &diary).await?, 0);

        later(context, TimeDelta::days(4));
        diary.fail_on(Some("2026-11-22"));
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(
            diary.dates(),
            ["2026-11-21", "2026-11-22"],
            "later dates wait for the one that failed"
        );
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(diary.dates(), [""; 0], "and that one for a while");
        later(context, TimeDelta::minutes(20));
        diary.fail_on(None);
        assert_eq!(engine::run_due_of(context, None, &diary).await?, 3);
        assert_eq!(diary.dates(), ["2026-11-22", "2026-11-23", "2026-11-24"]);
        let runs = it::fixture::rows(context, "SELECT state, count(*) FROM job_runs GROUP BY 1").await?;
        assert_eq!(runs, ["(done,5)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_with_two_times_runs_twice_a_date_and_makes_up_both() {
    with_stores(async |stores| {
        let context = &stores.context;
        let diary = Diary {
            twice_a_day: true,
            ..Diary::default()
        };
        let run_at = async |day: &str, hour: i64| -> Result<Vec<String>> {
            context.clock.set(date(day)?.start() + TimeDelta::hours(hour));
            engine::run_due_of(context, None, &diary).await?;
            Ok(diary.dates())
        };
        assert_eq!(run_at("2026-11-22", 8).await?, ["2026-11-21"]);
        assert_eq!(
            run_at("2026-11-22", 11).await?,
            [""; 0],
            "the second time has not come"
        );
        assert_eq!(run_at("2026-11-22", 13).await?, ["2026-11-21"]);
        assert_eq!(run_at("2026-11-22", 23).await?, [""; 0]);
        let missed = ["2026-11-22", "2026-11-22", "2026-11-23"];
        assert_eq!(run_at("2026-11-24", 8).await?, missed, "oldest first");

        engine::run_by_hand(context, None, &diary, date("2026-11-23")?, ByHand::default()).await?;
        let runs = it::fixture::rows(
            context,
            "SELECT business_date, slot, attempts FROM job_runs WHERE state = 'done' ORDER BY 1, 2",
        )
        .await?;
        let expected = [
            "(2026-11-21,1,1)",
            "(2026-11-21,2,1)",
            "(2026-11-22,1,1)",
            "(2026-11-22,2,1)",
            "(2026-11-23,1,2)",
        ];
        assert_eq!(runs, expected, "by hand it was the slot whose time has come");
        let table = scheduler::timetable::timetable(context).await?;
        let line = table.lines().find(|line| line.starts_with("sync_robots"));
        assert!(
            line.is_some_and(|line| line.ends_with("2026-11-24 12:10")),
            "{table}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_replicas_run_a_date_once() {
    with_stores(async |stores| {
        let claims = (0..8).map(|_| {
            let context = stores.context.clone();
            tokio::spawn(async move {
                let job = registry::find("settle_groups")?;
                engine::run_due_of(&context, None, job).await
            })
        });
        let mut runs = 0;
        for claim in futures::future::join_all(claims).await {
            runs += claim??;
        }
        assert_eq!(runs, 1);
        let rows = it::fixture::rows(
            &stores.context,
            "SELECT business_date, state, attempts FROM job_runs",
        )
        .await?;
        assert_eq!(rows, ["(2026-11-20,done,1)"]);
        assert_eq!(
            it::fixture::rows(&stores.context, "SELECT FROM settlement_runs")
                .await?
                .len(),
            1
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_lost_its_lease_writes_nothing() {
    with_stores(async |stores| {
        let context = &stores.context;
        let (conn, day) = (context.db.read(), date("2026-11-20")?);
        let stalled = job_run::claim(conn, "settle_groups", Slot::first(day), context.clock.now()).await?;
        let refused = job_run::claim(conn, "settle_groups", Slot::first(day), context.clock.now()).await;
        assert_eq!(refused.unwrap_err().code.number(), 1409, "somebody works on it");
        assert_eq!(
            job_run::claim_oldest(conn, "settle_groups", context.clock.now()).await?,
            None
        );
        later(context, LEASE - TimeDelta::seconds(1));
        stalled.renew(conn, context.clock.now()).await?;
        later(context, LEASE - TimeDelta::seconds(1));
        assert_eq!(
            job_run::claim_oldest(conn, "settle_groups", context.clock.now()).await?,
            None,
            "renewed"
        );
        later(context, TimeDelta::seconds(2));
        let next = job_run::claim_oldest(conn, "settle_groups", context.clock.now())
            .await?
            .context("free again")?;
        assert!(next.token > stalled.token);

        let now = context.clock.now();
        assert!(stalled.hold(conn).await.is_err());
        assert!(stalled.renew(conn, now).await.is_err());
        assert!(
            stalled
                .finish(conn, json!({"from": "the dead"}), now)
                .await
                .is_err()
        );
        stalled.fail(conn, "too late to say", now).await?;
        let options = Options {
            fence: Some(&stalled),
            ..Options::default()
        };
        assert!(
            service::settle(context, RunKind::Groups, day, 0, options)
                .await
                .is_err()
        );
        nothing_is_settled(stores).await?;
        let run = it::fixture::rows(context, "SELECT state, result, error FROM job_runs").await?;
        assert_eq!(run, ["(running,,)"]);

        let options = Options {
            fence: Some(&next),
            ..Options::default()
        };
        service::settle(context, RunKind::Groups, day, 0, options).await?;
        next.finish(conn, json!({}), now).await?;
        assert!(job_run::is_done(conn, "settle_groups", day).await?);
        Ok(())
    })
    .await;
}

async fn nothing_is_settled(stores: &Stores) -> Result<()> {
    for table in [
        "settlement_runs",
        "settlement_lines",
        "slips",
        "ledger_postings",
        "outbox",
    ] {
        let rows = it::fixture::rows(&stores.context, &format!("SELECT FROM {table}")).await?;
        assert_eq!(rows.len(), 0, "{table}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_job_runs_by_hand_dry_and_again() {
    with_app(async |app| {
        let context = &app.context;
        let partners = Some(&app.outside);
        let state = async || -> Result<Vec<String>> {
            let tables = ["job_runs", "robot_days", "settlement_runs", "slips", "outbox"];
            let mut rows = Vec::new();
            for table in tables {
                rows.extend(it::fixture::rows(context, &format!("SELECT * FROM {table}")).await?);
            }
            Ok(rows)
        };
        it::fixture::robot(context, "R-1", None, 30).await?;
        context
            .clock
            .set(date("2026-11-22")?.start() + TimeDelta::hours(6));
        for job in registry::JOBS {
            let before = state().await?;
            let dry = ByHand {
                dry_run: true,
                ..ByHand::default()
            };
            engine::run_by_hand(context, partners, *job, date("2026-11-21")?, dry).await?;
            assert_eq!(state().await?, before, "a dry {} changed something", job.name());
            for _ in 0..2 {
                engine::run_by_hand(context, partners, *job, date("2026-11-21")?, ByHand::default()).await?;
            }
        }
        let runs = it::fixture::rows(context, "SELECT DISTINCT state, attempts FROM job_runs").await?;
        assert_eq!(runs, ["(done,2)"]);
        Ok(())
    })
    .await;
}
