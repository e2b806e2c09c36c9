//! The outbox on its way: to our exchange, to robots, to the delivery system, to phones.
//!
//! Every destination has a courier and a worker of its own, so that one that is away holds up nobody else. A message is
//! claimed for a lease, carried, and its result recorded; whoever dies in between leaves it to the next worker, here or in
//! another replica. Delivery is at least once.

mod courier;
mod depth;
mod events;
mod exchange;
mod launch;
mod robots;
mod sms;
mod worker;

use courier::Courier;
use events::Events;
use launch::LaunchCalls;
use robots::RobotCommands;
use sms::ShortMessages;

use crate::connections::Connections;
use kernel::error::Result;
use kernel::inbox;
use kernel::outbox::{self, Destination};
use kernel::{Context, Error};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the backlog is measured.
const MEASURE: Duration = Duration::from_secs(5);

/// Delivers the outbox until told to stop. Several replicas may run side by side.
pub async fn run(context: Context, connections: Connections, stop: CancellationToken) {
    let workers = Destination::ALL.map(|destination| {
        let (context, connections) = (context.clone(), connections.clone());
        let hire = {
            let context = context.clone();
            move || courier(destination, &context, &connections)
        };
        worker::supervise(context, hire, stop.clone())
    });
    futures::join!(
        futures::future::join_all(workers),
        measure(&context, &stop),
        depth::watch(&context.config.mq, &stop),
    );
}

/// Delivers all that is due, once, and tells how many messages found their end. Messages that have to be tried again
/// stay for later.
///
/// # Errors
/// When PostgreSQL or a destination is away; what other destinations had was delivered nevertheless.
pub async fn drain(context: &Context, connections: &Connections) -> Result<usize> {
    let mut couriers = Destination::ALL.map(|destination| courier(destination, context, connections));
    let (mut total, mut trouble) = (0, None::<Error>);
    loop {
        let mut ended = 0;
        for courier in &mut couriers {
            // What a courier does may give another something to do, so all go round until none has anything left.
            match worker::empty(context, courier.as_mut()).await {
                Ok(count) => ended += count,
                Err(error) => trouble = Some(error),
            }
        }
        total += ended;
        if ended == 0 {
            return trouble.map_or(Ok(total), Err);
        }
    }
}

fn courier(destination: Destination, context: &Context, connections: &Connections) -> Box<dyn Courier> {
    match destination {
        Destination::Event => Box::new(Events::new(&context.config.mq)),
        Destination::Robot => Box::new(RobotCommands::new(
            context.clone(),
            connections.transports.clone(),
        )),
        Destination::Launch => Box::new(LaunchCalls::new(connections.partners.clone(), context.clone())),
        Destination::Sms => Box::new(ShortMessages::new(connections.partners.clone(), context.clone())),
    }
}

/// Keeps the gauges of the backlogs true, the inbox's too.
async fn measure(context: &Context, stop: &CancellationToken) {
    loop {
        if let Err(error) = measure_once(context).await {
            tracing::warn!(
                error = error.chain(),
                "the outbox's backlog could not be measured"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(MEASURE) => {}
        }
    }
}

async fn measure_once(context: &Context) -> Result<()> {
    let conn = context.db.read();
    let now = context.clock.shared_now(conn).await?;
    let backlog = outbox::backlog(conn, now).await?;
    for destination in Destination::ALL {
        let name = destination.name();
        let found = backlog.iter().find(|waiting| waiting.destination == destination);
        let (waiting, oldest) = found.map_or((0, 0), |found| (found.waiting, found.oldest_seconds));
        metrics::gauge!("gpet_outbox_waiting", "destination" => name).set(waiting as f64);
        metrics::gauge!("gpet_outbox_oldest_seconds", "destination" => name).set(oldest as f64);
    }
    let inbox = inbox::backlog(conn).await?;
    metrics::gauge!("gpet_inbox_waiting").set(inbox.waiting as f64);
    metrics::gauge!("gpet_inbox_dead").set(inbox.dead as f64);
    Ok(())
}
