//! For tests below the partners: PostgreSQL and Redis only.

use crate::invariants;
use crate::place::Place;
use anyhow::{Result, anyhow};
use futures::FutureExt;
use shared::Context;
use shared::kernel::clock::Clock;
use shared::kernel::config::Config;
use shared::kernel::db;
use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};

/// The business on stores of its own, with a clock that stands still.
pub struct Stores {
    /// Its configuration, clock and stores.
    pub context: Context,
}

/// Runs a test on stores of its own, proves the invariants and cleans up.
///
/// # Panics
/// When the test fails, or an invariant does not hold after it.
pub async fn with_stores(test: impl AsyncFnOnce(&Stores) -> Result<()>) {
    let (place, stores) = prepare().await.unwrap_or_else(fail);
    let ran = conduct(test(&stores), &stores.context).await;
    stores.context.db.close().await;
    conclude(ran, place.release().await);
}

async fn prepare() -> Result<(Place, Stores)> {
    let place = Place::claim(false).await?;
    let context = open(place.config("http://127.0.0.1:1")?).await?;
    Ok((place, Stores { context }))
}

/// The business with a clock that stands at [`crate::MORNING`], and partitions for that month whenever the template was made.
pub(crate) async fn open(config: Config) -> Result<Context> {
    let instant = chrono::DateTime::parse_from_rfc3339(crate::MORNING)?;
    let context = Context::with_clock(config, Clock::fixed(instant.to_utc())).await?;
    let today = context.clock.today();
    db::execute(context.db.read(), "SELECT ensure_partitions($1)", [today.into()]).await?;
    Ok(context)
}

/// How a test ended: what it returned, or what it panicked with.
pub(crate) type Ran = Result<Result<()>, Box<dyn Any + Send>>;

/// Runs a test and, when it is content, the invariants.
pub(crate) async fn conduct(test: impl Future<Output = Result<()>>, context: &Context) -> Ran {
    let ran = AssertUnwindSafe(test).catch_unwind().await;
    match ran {
        Ok(Ok(())) => Ok(invariants::prove(context).await),
        other => other,
    }
}

/// Fails as the test did, or as the cleaning up did.
pub(crate) fn conclude(ran: Ran, cleaned: Result<()>) {
    match ran {
        Err(panic) => resume_unwind(panic),
        Ok(result) => result.and(cleaned).unwrap_or_else(fail),
    }
}

pub(crate) fn fail<T>(error: impl Into<anyhow::Error>) -> T {
    panic!("{:?}", anyhow!(error.into()))
}
