//! For tests below the partners: PostgreSQL and Redis only.

use crate::invariants;
use crate::place::Place;
use anyhow::{Result, anyhow};
use futures::FutureExt;
use kernel::Context;
use kernel::clock::Clock;
use kernel::config::Config;
use kernel::partitions;
use stack::Endpoints;
use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};

/// Where partners would be.
const NOBODY: &str = "http://127.0.0.1:1";

/// The business on stores of its own, with a clock that stands still.
pub struct Stores {
    /// Its configuration, clock and stores.
    pub context: Context,
    /// The same configuration for processes of the product.
    pub environment: HashMap<String, String>,
}

/// Runs a test on stores of its own, proves the invariants and cleans up.
///
/// # Panics
/// When the test fails, or an invariant does not hold after it.
pub async fn with_stores(test: impl AsyncFnOnce(&Stores) -> Result<()>) {
    let place = Place::claim(false).await.unwrap_or_else(fail);
    run(place, test).await;
}

/// The same on servers of the test's own, which it may kill.
///
/// # Panics
/// As [`with_stores`].
pub async fn with_stores_on(endpoints: Endpoints, test: impl AsyncFnOnce(&Stores) -> Result<()>) {
    let place = migrated(endpoints).await.unwrap_or_else(fail);
    run(place, test).await;
}

async fn migrated(endpoints: Endpoints) -> Result<Place> {
    let place = Place::claim_on(endpoints, false, None).await?;
    let context = Context::new(place.config(NOBODY)?).await?;
    api::migrate::migrate(&context).await?;
    context.db.close().await;
    Ok(place)
}

async fn run(place: Place, test: impl AsyncFnOnce(&Stores) -> Result<()>) {
    let stores = prepare(&place).await.unwrap_or_else(fail);
    let ran = conduct(test(&stores), &stores.context).await;
    stores.context.db.close().await;
    conclude(ran, place.release().await);
}

async fn prepare(place: &Place) -> Result<Stores> {
    let environment = place.variables(NOBODY);
    let context = open(Config::from_variables(environment.clone())?).await?;
    Ok(Stores { context, environment })
}

/// The business with a clock that stands at [`crate::MORNING`], and partitions for that month whenever the template was made.
pub(crate) async fn open(config: Config) -> Result<Context> {
    let instant = chrono::DateTime::parse_from_rfc3339(crate::MORNING)?;
    let context = Context::with_clock(config, Clock::fixed(instant.to_utc())).await?;
    let today = context.clock.today();
    partitions::make_ahead(&context.db, today, 1).await?;
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
