//! The robot gateway: takes commands over HTTP, publishes robot events to RabbitMQ, and keeps books of both.
//!
//! Left alone it says yes: `bind_group` is followed by `bind_group_success`, `unbind_group` by
//! `unbind_group_success`, `sync_group_members` by `group_members` and `group_info`.

mod books;
mod broker;
mod calls;
mod directory;
mod event;
mod group;
mod sends;
mod shuffle;
mod tap;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::oneshot;

pub use books::{Books, Emitted, SentMessage};
pub use broker::{Broker, Letter};
pub use calls::routes;
pub use event::{COMMON, EXCHANGE, Event, MEMBERS, MESSAGES};
pub use group::{Group, Member, Person, Robot, WaitingBind};
pub use shuffle::shuffled;

use crate::script::Action;
use tap::Tap;

/// The gateway's books and its way to the broker.
pub struct Gateway {
    /// Bearer token that calls must carry, if any.
    pub token: Option<String>,
    books: Arc<Mutex<Books>>,
    broker: Option<Broker>,
    held: Mutex<Vec<Event>>,
    /// Counts resets, so that a late event of an earlier life stays away.
    life: AtomicU64,
    _tap: Option<Tap>,
}

impl Gateway {
    /// Starts publishing, if there is a broker.
    pub fn start(mq_url: Option<String>, token: Option<String>) -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let tap = mq_url.clone().map(|url| Tap::start(url, books.clone()));
        let broker = mq_url.map(Broker::start);
        Self {
            token,
            books,
            broker,
            held: Mutex::default(),
            life: AtomicU64::new(0),
            _tap: tap,
        }
    }

    /// The books.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no holder of this lock panics")
    }

    /// Whether events reach a broker: none without one.
    pub fn connected(&self) -> Option<bool> {
        self.broker.as_ref().map(Broker::connected)
    }

    /// Lets an event happen that is not an answer: the books learn of it, then it goes out.
    pub fn inject(&self, event: &Event) -> Vec<oneshot::Receiver<()>> {
        self.books().observe(event);
        self.emit(event)
    }

    /// Publishes an event now, then whatever was held back for it. The receivers hear of the confirms.
    fn emit(&self, event: &Event) -> Vec<oneshot::Receiver<()>> {
        let held = std::mem::take(&mut *self.held.lock().expect("no holder of this lock panics"));
        let mut confirms = Vec::new();
        for event in std::iter::once(event).chain(&held) {
            let mut books = self.books();
            books.emitted(event);
            // Posted under the lock, so that books and broker agree on the order.
            confirms.extend(self.broker.as_ref().map(|broker| {
                broker.post(Letter {
                    routing_key: event.routing_key().to_owned(),
                    payload: event.payload(),
                    message_id: Some(event.message_id.clone()),
                })
            }));
        }
        confirms
    }

    /// Publishes bytes that need not be an event.
    pub fn emit_raw(&self, letter: Letter) -> Option<oneshot::Receiver<()>> {
        self.broker.as_ref().map(|broker| broker.post(letter))
    }

    /// Publishes an answer of the gateway in the way the script wants.
    pub fn answer(self: &Arc<Self>, event: Event, action: Option<&Action>) {
        match action {
            Some(Action::Silent {}) => {}
            Some(Action::OutOfOrder {}) => {
                self.held
                    .lock()
                    .expect("no holder of this lock panics")
                    .push(event);
            }
            Some(Action::Late { ms }) => self.answer_late(event, *ms),
            Some(Action::Twice {}) => {
                self.emit(&event);
                self.emit(&event);
            }
            _ => {
                self.emit(&event);
            }
        }
    }

    fn answer_late(self: &Arc<Self>, event: Event, ms: u64) {
        let gateway = Arc::downgrade(self);
        let life = self.life.load(Ordering::Relaxed);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            if let Some(gateway) = gateway.upgrade()
                && gateway.life.load(Ordering::Relaxed) == life
            {
                gateway.emit(&event);
            }
        });
    }

    /// Publishes what the script holds back although nothing followed it.
    pub fn release(&self) -> usize {
        let held = std::mem::take(&mut *self.held.lock().expect("no holder of this lock panics"));
        for event in &held {
            self.emit(event);
        }
        held.len()
    }

    /// Forgets everything, also what was to come.
    pub fn reset(&self) {
        self.life.fetch_add(1, Ordering::Relaxed);
        self.held.lock().expect("no holder of this lock panics").clear();
        *self.books() = Books::default();
    }
}
