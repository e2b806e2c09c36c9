//! An ads run is taken back as one act: every wallet gives back what the run brought it, in one transaction.

use super::ads;
use super::model::RunKind;
use super::repo;
use super::reversal_sql as sql;
use crate::ledger::fees::{MANY_WALLETS_LOCK, sequence_prefix};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{OperatorId, RunId, UserId, new_uuid};
use kernel::money::Money;
use kernel::partitions;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde::Serialize;

/// Wallets named that have not enough.
const NAMED: i64 = 100;

/// What an operator orders.
#[derive(Debug, Clone)]
pub struct ReversalOrder {
    /// Why; the users see it too.
    pub reason: String,
    /// Take back from all others where wallets have not enough. Otherwise nothing is taken from anybody.
    pub leave_short: bool,
}

/// What came of it, over all calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct RunReversal {
    pub run_id: RunId,
    /// The operator's name.
    pub reversed_by: String,
    pub reason: String,
    pub reversed_at: DateTime<Utc>,
    /// Wallets that gave back.
    pub wallets: i64,
    /// What they gave.
    pub amount: Money,
    /// Wallets that had not enough and still hold what the run brought.
    pub short: Vec<ShortWallet>,
    /// How many they are; some are named.
    pub short_count: i64,
}

/// A wallet that has not enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
#[allow(missing_docs)]
pub struct ShortWallet {
    pub user_id: UserId,
    /// What it would have to give back.
    pub owed: Money,
    /// What it has; held money waits for a payout and is not touched.
    pub available: Money,
    #[serde(skip)]
    count: i64,
}

#[derive(FromQueryResult)]
struct Kept {
    reversed_by: String,
    reason: String,
    reversed_at: DateTime<Utc>,
    wallets: i64,
    amount: Money,
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
pub async fn reverse(
    context: &Context,
    operator: OperatorId,
    id: RunId,
    order: &ReversalOrder,
) -> Result<RunReversal> {
    let reason = given_reason(&order.reason)?;
    let now = context.clock.now();
    let today = context.clock.today();
    let txn = context.db.begin().await?;
    txn.execute_unprepared(sql::PREPARE).await?;
    let lock = "SELECT pg_advisory_xact_lock($1)";
    db::execute(&txn, lock, [MANY_WALLETS_LOCK.into()]).await?;
    let run = repo::by_id(&txn, id)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    if run.kind != RunKind::Ads.name() {
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
    ads::lock_date(&txn, run.settle_date).await?;
    let of_run = [run.settle_date.into(), id.into()];
    db::execute(&txn, sql::LOCK_WALLETS, of_run).await?;
    txn.execute_unprepared(&sql::taken_back(
        id,
        run.settle_date,
        &sequence_prefix(new_uuid()),
    ))
    .await?;
    txn.execute_unprepared("ANALYZE taken_back").await?;
    let short: Vec<ShortWallet> = db::fetch_all(&txn, sql::SHORT, [NAMED.into()]).await?;
    if !short.is_empty() && !order.leave_short {
        return Err(not_enough(&short));
    }
    txn.execute_unprepared(sql::LEAVE_SHORT).await?;
    let values = [id.into(), operator.into(), reason.into(), now.into()];
    let first = db::execute(&txn, sql::KEEP, values).await? > 0;
    ads::void_after_reversal(&txn, id, operator, reason, now).await?;
    let taken = txn
        .execute_unprepared(&sql::movements(id, now))
        .await?
        .rows_affected();
    if taken > 0 {
        post(&txn, id, reason, today, now).await?;
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

/// Keys, postings, lines, wallets with their slips, and the house last.
async fn post(
    txn: &DatabaseTransaction,
    id: RunId,
    reason: &str,
    today: BusinessDate,
    now: DateTime<Utc>,
) -> Result<()> {
    db::execute(txn, sql::KEYS, [today.into()]).await?;
    let values = || [today.into(), reason.into(), now.into()];
    db::execute(txn, sql::POSTINGS, values()).await?;
    db::execute(txn, &sql::lines(), [today.into()]).await?;
    db::execute(txn, &sql::wallets(), values()).await?;
    db::execute(txn, &sql::house(), []).await?;
    tracing::info!(run = %id, "reversed");
    Ok(())
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
    let kept: Kept = db::fetch_one(conn, sql::KEPT, [id.into()]).await?;
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
