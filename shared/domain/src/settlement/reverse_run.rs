//! An ads run is taken back as one act: every wallet gives back what the run brought it, in one transaction.

use super::model::RunKind;
use super::repo::reversal::{self, ShortWallet};
use super::repo::{batches, runs};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{OperatorId, RunId};
use kernel::money::Money;
use kernel::partitions;
use poem_openapi::Object;
use sea_orm::ConnectionTrait;

/// What an operator orders.
#[derive(Debug, Clone)]
pub struct ReversalOrder {
    /// Why; the users see it too.
    pub reason: String,
    /// Take back from all others where wallets have not enough. Otherwise nothing is taken from anybody.
    pub leave_short: bool,
}

/// What a run's reversal came to, over all calls.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[allow(missing_docs)]
pub struct RunReversal {
    pub run_id: RunId,
    /// The name of the operator who began it.
    pub reversed_by: String,
    pub reason: String,
    pub reversed_at: DateTime<Utc>,
    /// Wallets that gave back.
    pub wallets: i64,
    /// Yuan they gave.
    pub amount: Money,
    /// Wallets that had not enough and still hold what the run brought, the first hundred.
    pub short: Vec<ShortWallet>,
    /// How many they are.
    pub short_count: i64,
}

/// Takes an ads run back: for every posting a new one that names it, with a slip of type 6; its batch no longer counts,
/// so that the right one can come in. What the run had moved of remainders below a fen goes back too, so a posting may
/// take back a fen more or less than the run paid where a later run moved them again. Done again, it takes back only what
/// is left.
///
/// A wallet never goes below zero. Where one has not enough, nothing happens to anybody, unless the order says to leave
/// such wallets: then they keep what the run brought, and the same act takes it once they have it.
///
/// # Errors
/// 1403 without a reason or for a run of groups, 1404 for no such run, 1409 for one whose books are in the archive; 3002
/// with the wallets in `data` where some have not enough; 503 while a settlement is under way.
pub async fn reverse_run(
    context: &Context,
    operator: OperatorId,
    id: RunId,
    order: &ReversalOrder,
) -> Result<RunReversal> {
    let reason = given_reason(&order.reason)?;
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let today = BusinessDate::of(now);
    reversal::prepare(&txn).await?;
    Lock::ManyWallets.wait(&txn).await?;
    let run = runs::run(&txn, id).await?;
    if run.kind != RunKind::Ads {
        return Err(Error::params(
            "run",
            "is of groups; only runs of ads are taken back",
        ));
    }
    if run.settle_date < partitions::oldest_kept(today) {
        return Err(Error::new(
            Code::DuplicateRequest,
            "the books of this run are in the archive",
        ));
    }
    Lock::AdsOf(run.settle_date).wait(&txn).await?;
    let short = reversal::find(&txn, &run).await?;
    if !short.is_empty() && !order.leave_short {
        return Err(not_enough(&short));
    }
    reversal::leave_short(&txn).await?;
    let first = reversal::keep(&txn, id, operator, reason, now).await?;
    batches::void_after_reversal(&txn, id, operator, reason, now).await?;
    let taken = reversal::keep_movements(&txn, id, now).await?;
    if taken > 0 {
        reversal::post(&txn, reason, today, now).await?;
        tracing::info!(run = %id, "reversed");
    }
    let answer = answer(&txn, id, short).await?;
    if first || taken > 0 {
        let detail = serde_json::json!({ "reason": reason, "wallets": answer.wallets, "amount": answer.amount,
            "short": answer.short_count, "short_wallets": answer.short });
        audit::record(&txn, operator, "reverse_run", &id.to_string(), detail, now).await?;
    }
    txn.commit().await?;
    Ok(answer)
}

fn not_enough(short: &[ShortWallet]) -> Error {
    let count = short.first().map_or(0, |wallet| wallet.count);
    let message = format!(
        "nothing changed: {count} wallets have not enough; `leave_short` leaves them and takes back from all others"
    );
    let data = serde_json::json!({ "field": "leave_short", "short_count": count, "short": short });
    Error::new(Code::InsufficientAmount, message).with_data(data)
}

async fn answer(conn: &impl ConnectionTrait, id: RunId, short: Vec<ShortWallet>) -> Result<RunReversal> {
    let kept = reversal::kept(conn, id).await?;
    Ok(RunReversal {
        run_id: id,
        reversed_by: kept.reversed_by,
        reason: kept.reason,
        reversed_at: kept.reversed_at,
        wallets: kept.wallets,
        amount: kept.amount,
        short_count: short.first().map_or(0, |wallet| wallet.count),
        short,
    })
}
