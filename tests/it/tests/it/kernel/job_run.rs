//! Dated jobs: one claim a date, a lost claim writes nothing, missed dates are made up oldest first.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::Role;
use domain::operations::job_catalogue::{DatedJob, OwedDates};
use domain::settlement::RunKind;
use domain::settlement::{self, Options};
use it::{Stores, with_app, with_stores};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::job_run::CoveredDate;
use kernel::job_run::{self, LEASE, Slot};
use kernel::{Context, Error};
use scheduler::engine::{self, ByHand};
use scheduler::job::{Job, JobContext};
use scheduler::registry;
use serde_json::{Value, json};
use std::sync::Mutex;

fn date(text: &str) -> Result<BusinessDate> {
    Ok(text.parse()?)
}

fn later(context: &Context, by: TimeDelta) {
    context.clock.set(context.clock.now() + by);
}

static ONCE_A_DAY: DatedJob = DatedJob {
    name: "diary",
    times: |jobs| &jobs.settle_groups,
    covers: CoveredDate::Yesterday,
    owes: OwedDates::Every,
    in_order: false,
};
static TWICE_A_DAY: DatedJob = DatedJob {
    name: "diary",
    times: |jobs| &jobs.sync_robots,
    covers: CoveredDate::Yesterday,
    owes: OwedDates::Every,
    in_order: false,
};

/// Writes down the dates it was run for; one of them fails until told otherwise.
#[derive(Default)]
struct Diary {
    twice_a_day: bool,
    /// How long a run takes, and whether its lease held from its beginning.
    takes: Option<TimeDelta>,
    leased: Mutex<Vec<bool>>,
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
    fn listed(&self) -> &'static DatedJob {
        match self.twice_a_day {
            true => &TWICE_A_DAY,
            false => &ONCE_A_DAY,
        }
    }

    async fn run(&self, job: &JobContext<'_>, date: BusinessDate) -> kernel::Result<Value> {
        let context = job.context;
        if let Some(takes) = self.takes {
            later(context, takes);
            let lease = "SELECT count(*) FROM job_runs WHERE state = 'running' AND lease_until >= $1";
            let lasting: Option<i64> = db::fetch_scalar(
                context.db.autocommit(),
                lease,
                [(context.clock.now() - takes).into()],
            )
            .await?;
            self.leased.lock().expect("one holder").push(lasting == Some(1));
        }
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
            line.is_some_and(|line| line.contains("2026-11-24 12:10")),
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
        let (conn, day) = (context.db.autocommit(), date("2026-11-20")?);
        let slot = Slot::first(day);
        let stalled = job_run::claim(conn, "settle_groups", slot, slot, context.clock.now()).await?;
        let refused = job_run::claim(conn, "settle_groups", slot, slot, context.clock.now()).await;
        assert_eq!(refused.unwrap_err().code.number(), 1409, "somebody works on it");
        assert_eq!(
            job_run::claim_oldest(conn, "settle_groups", slot, context.clock.now()).await?,
            None
        );
        later(context, LEASE - TimeDelta::seconds(1));
        stalled.renew(conn, context.clock.now()).await?;
        later(context, LEASE - TimeDelta::seconds(1));
        assert_eq!(
            job_run::claim_oldest(conn, "settle_groups", slot, context.clock.now()).await?,
            None,
            "renewed"
        );
        later(context, TimeDelta::seconds(2));
        let next = job_run::claim_oldest(conn, "settle_groups", slot, context.clock.now())
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
            settlement::settle(context, RunKind::Groups, day, 0, options)
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
        settlement::settle(context, RunKind::Groups, day, 0, options).await?;
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
async fn every_job_runs_by_hand_and_again() {
    with_app(async |app| {
        let context = &app.context;
        let partners = Some(&app.outside);
        it::fixture::robot(context, "R-1", None, 30).await?;
        context
            .clock
            .set(date("2026-11-22")?.start() + TimeDelta::hours(6));
        for job in registry::JOBS {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_by_hand_is_as_it_was_and_holds_nothing_up() {
    with_stores(async |stores| {
        let (context, diary) = (&stores.context, Diary::default());
        engine::run_due_of(context, None, &diary).await?;
        for old in ["2025-05-01", "2026-11-20"] {
            diary.fail_on(Some(old));
            let failed = engine::run_by_hand(context, None, &diary, date(old)?, ByHand::default()).await;
            assert!(failed.is_err(), "{old}");
        }
        diary.dates();
        later(context, TimeDelta::days(1));
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(diary.dates(), ["2026-11-21"]);
        let runs = "SELECT business_date, state, error IS NOT NULL FROM job_runs ORDER BY 1";
        let expected = [
            "(2025-05-01,skipped,t)",
            "(2026-11-20,done,t)",
            "(2026-11-21,done,f)",
        ];
        assert_eq!(it::fixture::rows(context, runs).await?, expected);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_before_its_time_leaves_the_slot_due() {
    with_stores(async |stores| {
        let (context, diary) = (&stores.context, Diary::default());
        engine::run_due_of(context, None, &diary).await?;
        let open = ByHand {
            allow_open_day: true,
            ..ByHand::default()
        };
        engine::run_by_hand(context, None, &diary, date("2026-11-21")?, open).await?;
        assert_eq!(diary.dates(), ["2026-11-20", "2026-11-21"]);
        assert!(!job_run::is_done(context.db.autocommit(), "diary", date("2026-11-21")?).await?);
        assert_eq!(
            engine::run_due_of(context, None, &diary).await?,
            0,
            "its time has not come"
        );
        later(context, TimeDelta::days(1));
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(diary.dates(), ["2026-11-21"], "again, now that the day has ended");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_leaves_nothing_undone() {
    with_stores(async |stores| {
        let (context, diary) = (&stores.context, Diary::default());
        let now = context.clock.now();
        later(context, TimeDelta::days(3));
        engine::run_due_of(context, None, &diary).await?;
        context.clock.set(now);
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(
            diary.dates(),
            ["2026-11-23", "2026-11-20"],
            "its calendar begins where time is"
        );
        later(context, TimeDelta::days(4));
        engine::run_due_of(context, None, &diary).await?;
        assert_eq!(
            diary.dates(),
            ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_gets_a_second_time_owes_it_from_then_on() {
    with_stores(async |stores| {
        let context = &stores.context;
        let once = Diary::default();
        for _ in 0..3 {
            engine::run_due_of(context, None, &once).await?;
            later(context, TimeDelta::days(1));
        }
        let twice = Diary {
            twice_a_day: true,
            ..Diary::default()
        };
        engine::run_due_of(context, None, &twice).await?;
        assert_eq!(
            twice.dates(),
            ["2026-11-23"],
            "its first time; 12:10 has not come"
        );
        later(context, TimeDelta::days(1));
        engine::run_due_of(context, None, &twice).await?;
        assert_eq!(twice.dates(), ["2026-11-23", "2026-11-24"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_absence_is_made_up_as_far_as_the_horizon() {
    with_stores(async |stores| {
        let (context, diary) = (&stores.context, Diary::default());
        engine::run_due_of(context, None, &diary).await?;
        diary.dates();
        later(context, TimeDelta::days(500));
        engine::run_due_of(context, None, &diary).await?;
        let dates = diary.dates();
        assert_eq!(dates.len() as u64, job_run::HORIZON_DAYS + 1);
        assert_eq!(dates.last().map(String::as_str), Some("2028-04-03"));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_lasts_from_when_it_was_made() {
    with_stores(async |stores| {
        let context = &stores.context;
        let diary = Diary {
            takes: Some(TimeDelta::minutes(5)),
            ..Diary::default()
        };
        engine::run_due_of(context, None, &diary).await?;
        later(context, TimeDelta::days(3));
        assert_eq!(engine::run_due_of(context, None, &diary).await?, 3);
        assert_eq!(*diary.leased.lock().expect("one holder"), [true; 4]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_whose_scheduler_died_is_skipped_where_only_the_newest_counts() {
    with_app(async |app| {
        let (context, job) = (&app.context, registry::find("reconcile_groups")?);
        let (conn, slot) = (context.db.autocommit(), Slot::first(date("2026-11-21")?));
        let dead = job_run::claim(conn, job.name(), slot, slot, context.clock.now()).await?;
        app.at("2026-11-22T10:00:00")?;
        assert_eq!(engine::run_due_of(context, Some(&app.outside), job).await?, 1);
        let runs = "SELECT business_date, state FROM job_runs ORDER BY 1";
        assert_eq!(
            app.rows(runs).await?,
            ["(2026-11-21,skipped)", "(2026-11-22,done)"]
        );
        assert!(dead.hold(conn).await.is_err());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_dates_are_shown_to_operators() {
    with_app(async |app| {
        let context = &app.context;
        engine::run_due(context, Some(&app.outside)).await?;
        app.at("2026-11-24T10:00:00")?;
        app.run_job("check_ledger", "2026-11-23").await?;
        let operator = app.console(Role::Viewer).await?;
        let states = operator.get("/api/console/jobs").await?;
        let missed = |job: &str| {
            let mut states = states.data().as_array().into_iter().flatten();
            let state = states.find(|state| state["job"] == job);
            state.map(|state| (state["missed"].clone(), state["missed_count"].clone()))
        };
        assert_eq!(
            missed("check_ledger"),
            Some((json!(["2026-11-22", "2026-11-24"]), json!(2)))
        );
        let settle = json!(["2026-11-21", "2026-11-22", "2026-11-23"]);
        assert_eq!(missed("settle_groups"), Some((settle, json!(3))));
        assert_eq!(
            missed("reconcile_groups"),
            Some((json!(["2026-11-24"]), json!(1)))
        );
        assert_eq!(missed("settle_ads"), None, "it never had anything to do");
        let table = scheduler::timetable::timetable(context).await?;
        let line = |job: &str| {
            table
                .lines()
                .find(|line| line.starts_with(job))
                .map(str::to_owned)
        };
        let ends = |job: &str, end: &str| {
            assert!(
                line(job).is_some_and(|line| line.ends_with(end)),
                "{job}: {table}"
            )
        };
        ends("check_ledger", "  2026-11-22 2026-11-24");
        ends("distribute_robots", "  2026-11-22 2026-11-23 2026-11-24");
        ends("settle_ads", "  -");

        engine::run_due(context, Some(&app.outside)).await?;
        let states = operator.get("/api/console/jobs").await?;
        let all = states.data().as_array().context("no list")?;
        assert!(all.iter().all(|state| state["missed_count"] == 0), "{states:?}");
        app.at("2027-02-24T10:00:00")?;
        let table = scheduler::timetable::timetable(context).await?;
        assert!(
            table.contains("2026-11-25 2026-11-26 2026-11-27 and 89 more"),
            "{table}"
        );
        Ok(())
    })
    .await;
}
