//! What waits for an operator's decision.

use super::machinery;
use crate::identity::Operator;
use crate::identity::Permission;
use crate::ledger::{self, check};
use crate::withdrawal;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::money::Money;
use poem_openapi::Object;

/// What waits for somebody's decision.
#[derive(Debug, Object)]
pub struct Inbox {
    /// When it was counted.
    pub at: DateTime<Utc>,
    /// How many things the caller may do something about: reviews and corrections open to them, and, where they may
    /// handle messages, dead letters and messages that did not arrive.
    pub total: i64,
    /// Withdrawals that wait for a review.
    pub withdrawals: Reviews,
    /// Corrections that wait for another operator.
    pub corrections: Corrections,
    /// Robot events that could not be handled.
    pub dead_letters: WaitingItems,
    /// Messages that were refused for good.
    pub outbox_failed: i64,
    /// Messages of which nobody knows whether they arrived.
    pub outbox_unknown: i64,
    /// Withdrawals that a person has to look at.
    pub alerted: WaitingItems,
    /// Jobs whose newest run failed.
    pub jobs_failed: i64,
    /// Dates that jobs have missed.
    pub dates_missed: i64,
    /// Whether the newest check of the books found nothing.
    pub ledger_clean: bool,
    /// Whether new payouts are made.
    pub payouts_running: bool,
}

/// Withdrawals that wait for a review.
#[derive(Debug, Object)]
#[oai(rename = "InboxReviews")]
pub struct Reviews {
    /// How many.
    pub waiting: i64,
    /// How many of them the caller may approve: they have not approved them before.
    pub open_to_me: i64,
    /// The sum of all of them, yuan.
    pub amount: Money,
    /// When the oldest was requested.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// Corrections that wait for another operator.
#[derive(Debug, Object)]
#[oai(rename = "InboxCorrections")]
pub struct Corrections {
    /// How many.
    pub waiting: i64,
    /// How many of them the caller may agree to: they did not propose them.
    pub open_to_me: i64,
    /// When the oldest was proposed.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// Things that wait.
#[derive(Debug, Object)]
#[oai(rename = "InboxCount")]
pub struct WaitingItems {
    /// How many.
    pub count: i64,
    /// Since when the oldest is there.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// What waits, and what of it this operator may decide.
pub async fn inbox(context: &Context, operator: &Operator) -> Result<Inbox> {
    let (conn, may) = (context.db.read(), |permission| operator.role.may(permission));
    let mut reviews = withdrawal::to_review(conn, operator.id).await?;
    let mut corrections = ledger::waiting_corrections(conn, operator.id).await?;
    if !may(Permission::ReviewWithdrawals) {
        reviews.open_to_me = 0;
    }
    if !may(Permission::Book) {
        corrections.open_to_me = 0;
    }
    let alerted = withdrawal::alerted(conn).await?;
    let queues = machinery::queues(context).await?;
    let jobs = machinery::jobs(context).await?;
    let outbox_failed = queues.outbox.iter().map(|queue| queue.failed).sum();
    let outbox_unknown = queues.outbox.iter().map(|queue| queue.unknown).sum();
    let messages = match may(Permission::HandleDeadLetters) {
        true => queues.inbox.dead + outbox_failed + outbox_unknown,
        false => 0,
    };
    Ok(Inbox {
        at: context.clock.now(),
        total: reviews.open_to_me + corrections.open_to_me + messages,
        withdrawals: Reviews {
            waiting: reviews.waiting,
            open_to_me: reviews.open_to_me,
            amount: reviews.amount,
            oldest_at: reviews.oldest_at,
        },
        corrections: Corrections {
            waiting: corrections.waiting,
            open_to_me: corrections.open_to_me,
            oldest_at: corrections.oldest_at,
        },
        dead_letters: WaitingItems {
            count: queues.inbox.dead,
            oldest_at: queues.inbox.oldest_dead_at,
        },
        outbox_failed,
        outbox_unknown,
        alerted: WaitingItems {
            count: alerted.count,
            oldest_at: alerted.oldest_at,
        },
        jobs_failed: jobs.iter().filter(|job| job.failed()).count() as i64,
        dates_missed: jobs.iter().map(|job| job.missed).sum(),
        ledger_clean: check::newest_is_clean(conn).await?,
        payouts_running: withdrawal::payout_state(context).await?.running,
    })
}
