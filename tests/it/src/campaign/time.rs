//! The campaign's time. It runs with the machine's and is moved on over outages and nights; a process learns of that
//! when it is started.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// See the module.
pub struct Time {
    start: DateTime<Utc>,
    began: Instant,
    skipped: Mutex<Skipped>,
}

#[derive(Clone, Copy)]
struct Skipped {
    all: TimeDelta,
    /// What the api knows of.
    at_api: TimeDelta,
}

impl Time {
    /// Time that begins here.
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        let none = TimeDelta::zero();
        Time {
            start,
            began: Instant::now(),
            skipped: Mutex::new(Skipped {
                all: none,
                at_api: none,
            }),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Skipped) -> T) -> T {
        change(&mut self.skipped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn elapsed(&self) -> TimeDelta {
        TimeDelta::from_std(self.began.elapsed()).unwrap_or(TimeDelta::MAX)
    }

    /// What a process that starts now takes for now.
    pub fn now(&self) -> DateTime<Utc> {
        self.start + self.elapsed() + self.change(|skipped| skipped.all)
    }

    /// What the running api takes for now.
    pub fn at_api(&self) -> DateTime<Utc> {
        self.start + self.elapsed() + self.change(|skipped| skipped.at_api)
    }

    /// Notes that an api was started.
    pub fn told_api(&self) {
        self.change(|skipped| skipped.at_api = skipped.all);
    }

    /// Time passes.
    pub fn skip(&self, by: TimeDelta) {
        self.change(|skipped| skipped.all += by);
    }

    /// Time passes until then; it never runs back.
    pub fn skip_to(&self, instant: DateTime<Utc>) {
        self.skip((instant - self.now()).max(TimeDelta::zero()));
    }
}
