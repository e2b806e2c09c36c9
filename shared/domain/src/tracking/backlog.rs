//! How many page events wait in the outbox. Anybody may send them, so while nobody takes them out they must not grow for
//! ever.

use super::repo;
use kernel::Context;
use kernel::error::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How old a count may be. In between a process adds what it wrote itself; what others wrote it learns with the next.
const FRESH: Duration = Duration::from_secs(1);

/// The page events that wait, as far as this process knows.
#[derive(Debug, Default)]
pub struct PageBacklog(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    counted: Option<Instant>,
    waiting: u64,
}

impl PageBacklog {
    /// Whether one more may wait: `tracking.waiting_limit` is not reached.
    pub async fn has_room(&self, context: &Context) -> Result<bool> {
        let limit = context.config.tracking.waiting_limit;
        if self.count_is_due() {
            // No further than the limit; more is not to be known.
            let most = i64::try_from(limit).unwrap_or(i64::MAX);
            let waiting = repo::waiting_pages(context.db.read(), most).await?;
            self.known().waiting = waiting.and_then(|count| count.try_into().ok()).unwrap_or(0);
        }
        Ok(self.known().waiting < limit)
    }

    /// One more waits.
    pub(super) fn grew(&self) {
        self.known().waiting += 1;
    }

    /// True for one caller at a time: the others go by the count before.
    fn count_is_due(&self) -> bool {
        let mut known = self.known();
        let due = known.counted.is_none_or(|at| at.elapsed() >= FRESH);
        if due {
            known.counted = Some(Instant::now());
        }
        due
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
