//! Many workers, each message once, each lane in order.

use anyhow::{Context as _, Result};
use it::{with_app, with_stores};
use kernel::db;
use kernel::inbox::{self, Arrival, RETRY_DELAYS};
use kernel::{Context, Error};
use serde_json::json;
use simulators::control::Injection;
use simulators::gateway::Event;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const LANES: usize = 10;
const MESSAGES: usize = 120;

fn arrival(number: usize) -> Arrival {
    Arrival {
        message_key: format!("key {number}"),
        command: "count".to_owned(),
        lane: format!("lane {}", number % LANES),
        body: number.to_string().into_bytes(),
        full_size: None,
        malformed: None,
    }
}

/// Handles until nothing is left; notes each message while its lane is locked.
async fn work(context: Context, handled: Arc<Mutex<Vec<usize>>>) -> Result<()> {
    loop {
        let txn = context.db.begin().await?;
        let now = context.clock.now();
        let open = "SELECT count(*) FROM inbox_messages WHERE state = 'pending'";
        let Some(message) = inbox::next(&txn, now).await? else {
            let open: Option<i64> = db::fetch_scalar(&txn, open, []).await?;
            txn.rollback().await?;
            if open == Some(0) {
                return Ok(());
            }
            // Every lane is in somebody's hands.
            tokio::task::yield_now().await;
            continue;
        };
        let number = String::from_utf8(message.body)?.parse()?;
        handled.lock().expect("one holder").push(number);
        inbox::done(&txn, message.id, "counted", now).await?;
        txn.commit().await?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_workers_keep_every_lane_in_order() {
    with_stores(async |stores| {
        let context = &stores.context;
        let now = context.clock.now();
        let arrivals: Vec<Arrival> = (0..MESSAGES).map(arrival).collect();
        let new = inbox::receive(context.db.autocommit(), "test", arrivals.clone(), now).await?;
        assert_eq!(new, MESSAGES as u64);
        assert_eq!(
            inbox::receive(context.db.autocommit(), "test", arrivals, now).await?,
            0,
            "known already"
        );
        let handled = Arc::new(Mutex::new(Vec::new()));
        let workers = (0..6).map(|_| tokio::spawn(work(context.clone(), handled.clone())));
        for worker in futures::future::join_all(workers).await {
            worker??;
        }
        let handled = handled.lock().expect("one holder").clone();
        assert_eq!(handled.len(), MESSAGES);
        for lane in 0..LANES {
            let of_lane = handled.iter().filter(|number| *number % LANES == lane);
            let of_lane: Vec<usize> = of_lane.copied().collect();
            assert_eq!(of_lane.len(), MESSAGES / LANES);
            assert!(of_lane.is_sorted(), "lane {lane}: {of_lane:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_put_off_holds_its_lane_only() {
    with_stores(async |stores| {
        let (context, conn) = (&stores.context, stores.context.db.autocommit());
        let now = context.clock.now();
        // The first and the last share a lane.
        let arrivals = [0, 1, LANES].map(arrival).to_vec();
        inbox::receive(conn, "test", arrivals, now).await?;
        let first = inbox::next(conn, now).await?.context("no message")?;
        inbox::failed(conn, &first, &Error::store_down("a store", "away"), now).await?;
        let mut order = Vec::new();
        for now in [now, now + RETRY_DELAYS[0]] {
            while let Some(message) = inbox::next(conn, now).await? {
                inbox::done(conn, message.id, "counted", now).await?;
                order.push(String::from_utf8(message.body)?);
            }
            order.push("-".to_owned());
        }
        assert_eq!(order, ["1", "-", "0", "10", "-"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_consumers_outlive_their_connection() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let stop = CancellationToken::new();
        let robots = app.outside.transports.clone();
        let consumers = scheduler::consumers::run(app.context.clone(), robots, stop.clone());
        let consumers = tokio::spawn(consumers);
        let people = |from: usize| -> Injection {
            let events = (from..from + 60).map(|user| {
                Event::new(
                    "robot_added",
                    json!({"robot_id": "R-1", "user_id": format!("U-{user}")}),
                )
            });
            Injection {
                events: events.collect(),
                twice: true,
                shuffle_seed: None,
            }
        };
        app.simulator.inject_as(&people(0)).await?;
        app.gateway.break_connections("gpet robot events").await?;
        app.simulator.inject_as(&people(60)).await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let count = "SELECT count(*) FROM users";
        while app.scalar::<i64>(count, []).await? != Some(120) {
            assert!(Instant::now() < deadline, "{:?}", app.rows(count).await?);
            sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        consumers.await?;
        let left = app.file_arrivals().await?;
        assert_eq!(left, 0, "all were acknowledged");
        let inbox = app
            .rows("SELECT state, count(*) FROM inbox_messages GROUP BY 1")
            .await?;
        assert_eq!(inbox, ["(done,120)"]);
        Ok(())
    })
    .await;
}
