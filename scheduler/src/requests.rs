//! Runs that operators asked for in the console: taken one at a time, oldest first, by whichever replica is free.

use crate::by_hand;
use crate::connections::Connections;
use crate::engine::ByHand;
use domain::operations::job_requests::{self, ClaimedRequest};
use futures::FutureExt;
use kernel::{Context, Error, Result};
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Pause between looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a claim is renewed; well within its lease.
const RENEWAL: Duration = Duration::from_secs(30);

/// Does what is asked for until told to stop; a run under way is let finish.
pub async fn run(context: Context, connections: Connections, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = run_requested(&context, &connections).await {
            tracing::warn!(error = %error.chain(), "cannot look for requested runs; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(PAUSE) => {}
        }
    }
}

/// Takes requests until none is left, and tells how many it took.
///
/// # Errors
/// When PostgreSQL is away; a job's own failure is kept with its request.
pub async fn run_requested(context: &Context, connections: &Connections) -> Result<usize> {
    let mut taken = 0;
    loop {
        let now = context.clock.shared_now(context.db.read()).await?;
        let Some(request) = job_requests::take_next(context.db.autocommit(), now).await? else {
            return Ok(taken);
        };
        taken += 1;
        carry_out(context, connections, &request).await?;
    }
}

fn options(request: &ClaimedRequest) -> ByHand {
    ByHand {
        dry_run: request.dry_run,
        allow_open_day: request.allow_open_day,
    }
}

async fn carry_out(context: &Context, connections: &Connections, request: &ClaimedRequest) -> Result<()> {
    let (job, date) = (request.job.as_str(), request.business_date);
    tracing::info!(job, %date, request = %request.id, "a run was asked for");
    let work = AssertUnwindSafe(by_hand::run(
        context,
        connections,
        &request.job,
        Some(request.business_date),
        options(request),
    ))
    .catch_unwind();
    let outcome = tokio::select! {
        outcome = work => outcome.unwrap_or_else(|_| Err(Error::internal("the job panicked"))),
        () = keep_claim(context, request) => return Ok(()), // another scheduler has it now
    };
    let now = context.clock.shared_now(context.db.read()).await?;
    let outcome = outcome.map_err(|error| error.chain());
    request.finish(context.db.autocommit(), outcome, now).await
}

/// Renews the claim until it is lost. A database that is away for a moment is no loss.
async fn keep_claim(context: &Context, request: &ClaimedRequest) {
    loop {
        sleep(RENEWAL).await;
        let Ok(now) = context.clock.shared_now(context.db.read()).await else {
            continue;
        };
        if let Ok(false) = request.renew(context.db.autocommit(), now).await {
            return;
        }
    }
}
