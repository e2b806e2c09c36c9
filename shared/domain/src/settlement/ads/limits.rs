//! Bounds that need the database: what is accepted must find room in every wallet it goes to.

use crate::settlement::repo::batch_limits;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::BatchId;
use kernel::partitions;
use sea_orm::ConnectionTrait;

/// Refuses dates that have not come or whose books may be in the archive before a run gets to them.
///
/// # Errors
/// 1403 naming `settle_date`.
pub(super) fn date(settle_date: BusinessDate, today: BusinessDate) -> Result<()> {
    if settle_date > today {
        return Err(Error::params("settle_date", "is in the future"));
    }
    let oldest = partitions::oldest_kept(today).plus_days(31).month_start();
    if settle_date < oldest {
        return Err(Error::params(
            "settle_date",
            format!("is too long ago; the oldest is {oldest}"),
        ));
    }
    Ok(())
}

/// Refuses a batch, as written, that would bring somebody more than a day's ads can be, or whose money goes to a wallet
/// that is as full as wallets get: its run could not end.
///
/// # Errors
/// 1403 naming a group of theirs.
pub(super) async fn beneficiaries(conn: &impl ConnectionTrait, batch: BatchId) -> Result<()> {
    match batch_limits::beyond_bounds(conn, batch).await? {
        None => Ok(()),
        Some(code) => {
            let field = format!("data.{code}");
            let message = format!("{field} goes to somebody whose income would be beyond all bounds");
            Err(Error::params(field, message))
        }
    }
}
