//! Adoption fees. A friendship owes one fee; it is collected as soon as the wallet holds it, never making it negative.

use super::repo::fees;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::db::lock::Lock;
use kernel::error::Result;

/// Collects every fee that its wallet can pay, oldest friendship first, and tells how many. A dry run only tells.
///
/// # Errors
/// A database error; nothing is collected then.
pub async fn collect_fees(context: &Context, dry_run: bool) -> Result<u64> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    Lock::ManyWallets.wait(&txn).await?;
    let count = fees::collect(
        &txn,
        context.config.groups.adoption_fee,
        BusinessDate::of(now),
        now,
    )
    .await?;
    if dry_run {
        txn.rollback().await?;
    } else {
        txn.commit().await?;
    }
    Ok(count)
}
